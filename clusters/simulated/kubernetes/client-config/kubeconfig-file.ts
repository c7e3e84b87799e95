import { toTyped, UnmarshalError } from '../model/typed.ts';
import { parseYaml } from '../model/yaml-text.ts';
import { KUBECONFIG } from './kubeconfig-schema.ts';

export interface ClusterInfo {
  readonly server?: string;
  readonly 'tls-server-name'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'certificate-authority'?: string;
  /** Base64. */
  readonly 'certificate-authority-data'?: string;
  readonly 'proxy-url'?: string;
}

export interface UserInfo {
  readonly 'client-certificate'?: string;
  /** Base64. */
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  /** Base64. */
  readonly 'client-key-data'?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly as?: string;
  readonly username?: string;
  readonly password?: string;
  readonly 'auth-provider'?: unknown;
  readonly exec?: unknown;
}

/** A kubeconfig's parts by their names; of two with one name the first counts (client-go/tools/clientcmd/api/v1/conversion.go). */
export interface Kubeconfig {
  readonly currentContext: string;
  readonly contexts: ReadonlyMap<string, { readonly cluster?: string; readonly user?: string }>;
  readonly clusters: ReadonlyMap<string, ClusterInfo>;
  readonly users: ReadonlyMap<string, UserInfo>;
}

/** Why a kubeconfig leads to no client, in the words of client-go. */
export class ClientConfigError extends Error {
  override readonly name = 'ClientConfigError';
}

interface File {
  readonly 'current-context'?: string;
  readonly contexts?: readonly { readonly name?: string; readonly context?: { cluster?: string; user?: string } }[];
  readonly clusters?: readonly { readonly name?: string; readonly cluster?: ClusterInfo }[];
  readonly users?: readonly { readonly name?: string; readonly user?: UserInfo }[];
}

/** Decodes a kubeconfig (client-go/tools/clientcmd/loader.go Load); an empty file is one without anything. Throws `ClientConfigError`. */
export function parseKubeconfig(content: Buffer): Kubeconfig {
  const file = content.length === 0 ? {} : decoded(content);
  return {
    currentContext: file['current-context'] ?? '',
    contexts: byName(file.contexts, ({ context }) => context),
    clusters: byName(file.clusters, ({ cluster }) => cluster),
    users: byName(file.users, ({ user }) => user),
  };
}

function decoded(content: Buffer): File {
  try {
    const { value } = parseYaml(content.toString('utf8'));
    checkKind(value);
    return toTyped(value ?? {}, KUBECONFIG).object;
  } catch (error) {
    if (error instanceof UnmarshalError) throw new ClientConfigError(error.message, { cause: error });
    throw error;
  }
}

/** The struct into which a decoder looks for the kind first (apimachinery/pkg/runtime/serializer/json/meta.go). */
const META = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

function checkKind(value: unknown): void {
  if (value === null || value === undefined) return;
  if (typeof value !== 'object' || Array.isArray(value)) {
    const given = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    const problem = `json: cannot unmarshal ${given} into Go value of type ${META}`;
    throw new ClientConfigError(`couldn't get version/kind; json parse error: ${problem}`);
  }
  const { apiVersion, kind } = value as { apiVersion?: unknown; kind?: unknown };
  const [version, type] = [apiVersion || 'v1', kind || 'Config'];
  if (version === 'v1' && type === 'Config') return;
  const scheme = 'k8s.io/client-go/tools/clientcmd/api/latest/latest.go:50';
  throw new ClientConfigError(
    `no kind ${JSON.stringify(type)} is registered for version ${JSON.stringify(version)} in scheme ${JSON.stringify(scheme)}`,
  );
}

function byName<Item extends { readonly name?: string }, Part extends object>(
  items: readonly Item[] | undefined,
  part: (item: Item) => Part | undefined,
): ReadonlyMap<string, Part | Record<string, never>> {
  return new Map((items ?? []).toReversed().map((item) => [item.name ?? '', part(item) ?? {}]));
}
