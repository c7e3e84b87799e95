/** Tables of containerd's runtimes, of its version 3 and the one before (docs/cri/config.md), by handler with what stands in them. */
const TABLES =
  /^[ \t]*\[plugins\.(["'])io\.containerd\.(?:cri\.v1\.runtime|grpc\.v1\.cri)\1\.containerd\.runtimes\.(["']?)([\w.-]+?)\2\][ \t]*(?:#.*)?$([^[]*)/gm;

/** The runtimes that a configuration of containerd's names, by handler with their type; runc is always there. */
export function runtimeHandlers(config: string): ReadonlyMap<string, string> {
  const handlers = new Map([['runc', 'io.containerd.runc.v2']]);
  for (const [, , , handler = '', settings = ''] of config.matchAll(TABLES)) {
    const [, , type] = /^[ \t]*runtime_type[ \t]*=[ \t]*(["'])(.*?)\1/m.exec(settings) ?? [];
    if (type !== undefined) handlers.set(handler, type);
  }
  return handlers;
}
