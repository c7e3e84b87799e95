/**
 * What would lead kind, or the docker client behind it, elsewhere: a context goes before DOCKER_HOST, and there are variables for another
 * API, another platform and TLS (https://docs.docker.com/reference/cli/docker/#environment-variables). Where that client's configuration
 * lies may be said: proxies and the logins of registries are in it.
 */
const MISLEADING = /^(?:KIND_|DOCKER_(?!CONFIG$)|KUBECONFIG$)/;

/** The environment of kind: the docker client speaks to the Docker that we speak to, and kind is as its configuration says. Pure. */
export function kindEnvironment({
  env,
  socketPath,
}: {
  readonly env: NodeJS.ProcessEnv;
  readonly socketPath: string;
}): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !MISLEADING.test(name));
  return { ...Object.fromEntries(kept), DOCKER_HOST: `unix://${socketPath}` };
}
