import { z } from 'zod';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { decodeConfig, Undecodable } from '../../kubernetes/flags/component-config.ts';
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
  healthzBindAddress: z.string().default('127.0.0.1'),
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
const decoded = remembering((text): Fields =>
  decodeConfig(text, {
    kind: KIND,
    apiVersion: API_VERSION,
    scheme: 'pkg/kubelet/apis/config/scheme/scheme.go:33',
    shape: KubeletConfiguration,
  }),
);

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
