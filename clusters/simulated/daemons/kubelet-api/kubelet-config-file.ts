import { z } from 'zod';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { UnmarshalError } from '../../kubernetes/model/typed.ts';
import { parseYaml } from '../../kubernetes/model/yaml-text.ts';
import { remembering } from '../../remembering.ts';
import { readHostText, UnreadableFile } from '../host-text.ts';

/** The part of KubeletConfiguration (kubelet.config.k8s.io/v1beta1) that has an effect here or is checked, with the API's defaults. */
export const KubeletConfiguration = z.object({
  address: z.string().default('0.0.0.0'),
  port: z.int().default(10_250),
  readOnlyPort: z.int().default(0),
  tlsCertFile: z.string().default(''),
  tlsPrivateKeyFile: z.string().default(''),
  tlsCipherSuites: z.array(z.string()).default([]),
  tlsMinVersion: z.string().default(''),
  serverTLSBootstrap: z.boolean().default(false),
  rotateCertificates: z.boolean().default(false),
  enableDebuggingHandlers: z.boolean().default(true),
  staticPodPath: z.string().default(''),
  protectKernelDefaults: z.boolean().default(false),
  makeIPTablesUtilChains: z.boolean().default(true),
  streamingConnectionIdleTimeout: z.string().default('4h0m0s'),
  eventRecordQPS: z.int().default(50),
  eventBurst: z.int().default(100),
  healthzPort: z.int().default(10_248),
  maxPods: z.int().default(110),
  authentication: z
    .object({
      anonymous: z.object({ enabled: z.boolean().default(false) }).prefault({}),
      webhook: z.object({ enabled: z.boolean().default(true) }).prefault({}),
      x509: z.object({ clientCAFile: z.string().default('') }).prefault({}),
    })
    .prefault({}),
  authorization: z.object({ mode: z.string().default('Webhook') }).prefault({}),
});
export type KubeletConfig = z.infer<typeof KubeletConfiguration>;

/** A configuration that cannot be decoded, in the words of the kubelet's decoder. */
class Undecodable extends Error {}

/**
 * Reads the kubelet's file, and over it the `*.conf` of the folder of drop-ins in their order (cmd/kubelet/app/server.go
 * loadConfigFile, mergeKubeletConfigurations). A string is what `"command failed" err=` says.
 */
export async function readConfigFiles(
  host: SimulatedHost,
  path: string | undefined,
  folder: string | undefined,
): Promise<string | { readonly config: KubeletConfig; readonly whole: unknown }> {
  let whole: Fields = { apiVersion: API_VERSION, kind: KIND };
  const names = folder === undefined ? [] : ((await host.listFolder(folder)) ?? []);
  const dropIns = names.filter((name) => name.endsWith('.conf')).map((name) => `${folder}/${name}`);
  for (const file of [...(path === undefined ? [] : [path]), ...dropIns]) {
    const loading = (reason: string): string =>
      `failed to load kubelet config file, path: ${file}, error: failed to load Kubelet config file ${file}, error ${reason}`;
    try {
      const text = await readHostText(host, file);
      if (text === undefined)
        return loading(`failed to read kubelet config file "${file}", error: open ${file}: no such file or directory`);
      const fields = decoded(text);
      whole = file === path ? fields : merged(whole, fields);
    } catch (error) {
      if (error instanceof UnreadableFile) return loading(error.message);
      if (error instanceof Undecodable) return loading(`failed to decode: ${error.message}`);
      throw error;
    }
  }
  return { config: KubeletConfiguration.parse(whole), whole };
}

type Fields = Readonly<Record<string, unknown>>;
const API_VERSION = 'kubelet.config.k8s.io/v1beta1';
const KIND = 'KubeletConfiguration';

/** Throws `Undecodable`. */
const decoded = remembering((text): Fields => {
  const value = valueOf(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Undecodable(`Object 'Kind' is missing in '${JSON.stringify(value ?? null)}'`);
  const { apiVersion, kind } = value as { apiVersion?: unknown; kind?: unknown };
  for (const [field, given] of [
    ['Kind', kind],
    ['apiVersion', apiVersion],
  ] as const)
    if (typeof given !== 'string' || given === '')
      throw new Undecodable(`Object '${field}' is missing in '${JSON.stringify(value)}'`);
  if (kind !== KIND || apiVersion !== API_VERSION)
    throw new Undecodable(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/kubelet/apis/config/scheme/scheme.go:33"`,
    );
  const shape = KubeletConfiguration.safeParse(value);
  const [issue] = shape.error?.issues ?? [];
  if (issue !== undefined) throw new Undecodable(unmarshalText(value, issue));
  return value as Fields;
});

function valueOf(text: string): unknown {
  try {
    return parseYaml(text).value;
  } catch (error) {
    if (error instanceof UnmarshalError) throw new Undecodable(error.message);
    throw error;
  }
}

/** Go's names of types, by zod's. */
const GO_TYPES: Readonly<Record<string, string>> = {
  int: 'int32',
  number: 'int32',
  boolean: 'bool',
  string: 'string',
  array: '[]string',
  object: 'v1beta1.KubeletConfiguration',
};

/** As encoding/json tells of a value of another type than its field. */
function unmarshalText(whole: object, issue: z.core.$ZodIssue): string {
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], whole);
  const given =
    value === null
      ? 'null'
      : Array.isArray(value)
        ? 'array'
        : ({ boolean: 'bool' }[typeof value as 'boolean'] ?? typeof value);
  const expected = 'expected' in issue ? (GO_TYPES[issue.expected as string] ?? issue.expected) : 'string';
  const shown = typeof value === 'number' ? `number ${value}` : given;
  return `json: cannot unmarshal ${shown} into Go struct field ${KIND}.${issue.path.join('.')} of type ${expected}`;
}

/** Maps are merged, anything else is replaced. */
function merged(below: Fields, above: Fields): Fields {
  const isFields = (value: unknown): value is Fields =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const result: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const before = result[key];
    result[key] = isFields(before) && isFields(value) ? merged(before, value) : value;
  }
  return result;
}
