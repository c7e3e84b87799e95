import { posix } from 'node:path';
import type { ReadFile } from '../flags/read-file.ts';
import {
  ClientConfigError,
  type ClusterInfo,
  type Kubeconfig,
  parseKubeconfig,
  type UserInfo,
} from './kubeconfig-file.ts';

/** How to reach an API server and who to be there: the current context of a kubeconfig, with the files that it names read. */
export interface ClientConfig {
  /** As it stands there: a URL, or a host with its port. */
  readonly server: string;
  readonly serverName: string | undefined;
  readonly skipVerify: boolean;
  /** PEM, whatever it may be worth. */
  readonly certificateAuthority: string | undefined;
  /** PEM, whatever it may be worth. */
  readonly clientCertificate: { readonly certificate: string; readonly key: string } | undefined;
  readonly token: string | undefined;
  readonly basic: { readonly username: string; readonly password: string } | undefined;
  /** Whom it asks to be taken for. */
  readonly as: string | undefined;
}

/** What is said where there is no cluster to speak of. */
const NOTHING = 'no configuration has been provided, try setting KUBERNETES_MASTER environment variable';

/**
 * Makes a client of a kubeconfig's current context (client-go/tools/clientcmd: loader.go, client_config.go, validation.go). `read` rejects
 * with Go's words for what is there and cannot be read. Throws `ClientConfigError`.
 */
export async function loadClientConfig(path: string, read: ReadFile): Promise<ClientConfig> {
  if (path === '') throw new ClientConfigError(`invalid configuration: ${NOTHING}`);
  const content = await read(path).catch((error: unknown) => {
    throw new ClientConfigError(`error loading config file "${path}": ${(error as Error).message}`, { cause: error });
  });
  if (content === undefined) throw new ClientConfigError(`stat ${path}: no such file or directory`);
  return usable(parsed(path, content), posix.dirname(path), read);
}

function parsed(path: string, content: Buffer): Kubeconfig {
  try {
    return parseKubeconfig(content);
  } catch (error) {
    if (!(error instanceof ClientConfigError)) throw error;
    throw new ClientConfigError(`error loading config file "${path}": ${error.message}`, { cause: error });
  }
}

async function usable(config: Kubeconfig, folder: string, read: ReadFile): Promise<ClientConfig> {
  const context = config.contexts.get(config.currentContext);
  const files = new ReferredFiles(folder, read);
  const cluster = config.clusters.get(context?.cluster ?? '') ?? {};
  const user = config.users.get(context?.user ?? '') ?? {};
  const isLost = config.currentContext !== '' && context === undefined;
  const problems = [
    ...(isLost ? [`context was not found for specified context: ${config.currentContext}`] : []),
    ...(await userProblems(context?.user ?? '', user, files)),
    ...(await clusterProblems(context?.cluster ?? '', cluster, files)),
  ];
  if (problems.length > 0) {
    const list = problems.length === 1 ? problems.join('') : `[${[...new Set(problems)].join(', ')}]`;
    throw new ClientConfigError(`invalid configuration: ${list === NO_SERVER ? NOTHING : list}`);
  }
  for (const [is, what] of NOT_SIMULATED)
    if (is(cluster, user)) throw new ClientConfigError(`not simulated: ${what} of a kubeconfig`);
  const { username = '', password = '' } = user;
  const certificate = await files.data(user['client-certificate-data'], user['client-certificate']);
  const key = await files.data(user['client-key-data'], user['client-key']);
  return {
    server: cluster.server ?? '',
    serverName: cluster['tls-server-name'],
    skipVerify: cluster['insecure-skip-tls-verify'] ?? false,
    certificateAuthority: await files.data(cluster['certificate-authority-data'], cluster['certificate-authority']),
    clientCertificate: certificate === undefined || key === undefined ? undefined : { certificate, key },
    token: user.token ?? (await tokenOf(user, files)),
    basic: username === '' && password === '' ? undefined : { username, password },
    as: user.as,
  };
}

const NOT_SIMULATED: readonly (readonly [(cluster: ClusterInfo, user: UserInfo) => boolean, string])[] = [
  [(cluster) => cluster['proxy-url'] !== undefined, 'proxy-url'],
  [(_, user) => user.exec !== undefined, 'exec'],
  [(_, user) => user['auth-provider'] !== undefined, 'auth-provider'],
];

const NO_SERVER = 'cluster has no server defined';

async function clusterProblems(name: string, cluster: ClusterInfo, files: ReferredFiles): Promise<readonly string[]> {
  if (Object.keys(cluster).length === 0) return [NO_SERVER];
  const { server, 'certificate-authority': file, 'certificate-authority-data': data } = cluster;
  const unread = await files.problem(file);
  return [
    ...(server !== undefined
      ? []
      : [
          name === '' ? 'default cluster has no server defined' : `no server found for cluster ${JSON.stringify(name)}`,
        ]),
    ...(file === undefined || data === undefined
      ? []
      : [
          `certificate-authority-data and certificate-authority are both specified for ${name}. certificate-authority-data will override.`,
        ]),
    ...(unread === undefined
      ? []
      : [`unable to read certificate-authority ${files.path(file)} for ${name} due to ${unread}`]),
  ];
}

async function userProblems(name: string, user: UserInfo, files: ReferredFiles): Promise<readonly string[]> {
  const methods = [
    ...(user.token === undefined ? [] : ['token']),
    ...(user.username === undefined && user.password === undefined ? [] : ['basicAuth']),
  ];
  const tooMany =
    methods.length > 1
      ? [`more than one authentication method found for ${name}; found [${methods.join(' ')}], only one is allowed`]
      : [];
  const { 'client-certificate': file, 'client-certificate-data': data } = user;
  const { 'client-key': keyFile, 'client-key-data': keyData } = user;
  if (file === undefined && data === undefined) return tooMany;
  const [unread, unreadKey] = [await files.problem(file), await files.problem(keyFile)];
  return [
    ...(file === undefined || data === undefined
      ? []
      : [`client-cert-data and client-cert are both specified for ${name}. client-cert-data will override.`]),
    ...(keyFile === undefined || keyData === undefined
      ? []
      : [`client-key-data and client-key are both specified for ${name}; client-key-data will override`]),
    ...(keyFile === undefined && keyData === undefined
      ? [`client-key-data or client-key must be specified for ${name} to use the clientCert authentication method.`]
      : []),
    ...(unread === undefined ? [] : [`unable to read client-cert ${files.path(file)} for ${name} due to ${unread}`]),
    ...(unreadKey === undefined
      ? []
      : [`unable to read client-key ${files.path(keyFile)} for ${name} due to ${unreadKey}`]),
    ...tooMany,
  ];
}

async function tokenOf({ tokenFile }: UserInfo, files: ReferredFiles): Promise<string | undefined> {
  if (tokenFile === undefined) return undefined;
  const problem = await files.problem(tokenFile);
  if (problem !== undefined) throw new ClientConfigError(problem);
  return (await files.data(undefined, tokenFile))?.trim();
}

/** The files that a kubeconfig names, from its own folder on. Each is read once. */
class ReferredFiles {
  readonly #folder: string;
  readonly #read: ReadFile;
  readonly #known = new Map<string, Promise<Buffer | string>>();

  constructor(folder: string, read: ReadFile) {
    this.#folder = folder;
    this.#read = read;
  }

  path(file: string | undefined): string {
    return posix.resolve(this.#folder, file ?? '');
  }

  /** Why it cannot be read, in Go's words. */
  async problem(file: string | undefined): Promise<string | undefined> {
    if (file === undefined) return undefined;
    const content = await this.#content(this.path(file));
    return typeof content === 'string' ? content : undefined;
  }

  /** What is given as data, or else what the file holds. */
  async data(base64: string | undefined, file: string | undefined): Promise<string | undefined> {
    if (base64 !== undefined) return Buffer.from(base64, 'base64').toString('utf8');
    const content = file === undefined ? undefined : await this.#content(this.path(file));
    return content?.toString('utf8');
  }

  #content(path: string): Promise<Buffer | string> {
    const known = this.#known.get(path) ?? this.#open(path);
    this.#known.set(path, known);
    return known;
  }

  async #open(path: string): Promise<Buffer | string> {
    try {
      return (await this.#read(path)) ?? `open ${path}: no such file or directory`;
    } catch (error) {
      return (error as Error).message;
    }
  }
}
