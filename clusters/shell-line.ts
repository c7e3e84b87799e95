import type { ExecOptions, Host } from './cluster.ts';

/** For tests: what a shell line says on a host, both streams trimmed, and its status unless that is 0: `no such file [status 1]`. */
export async function shellLine(host: Host, line: string, options: ExecOptions): Promise<string> {
  const { exitCode, stdout, stderr } = await host.exec(['bash', '-c', line], options);
  const said = `${String(stdout)}${String(stderr)}`.trim();
  return exitCode === 0 ? said : `${said} [status ${exitCode}]`.trim();
}
