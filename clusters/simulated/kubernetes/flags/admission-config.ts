import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { AdmissionConfig } from '../admission/chain.ts';
import { ON_BY_DEFAULT, PLUGIN_ORDER } from '../admission/plugin-names.ts';
import { imagePolicySettings, type ImagePolicyConfig } from '../admission/plugins/image-policy-webhook.ts';
import { eventRateLimitConfig } from '../admission/plugins/event-rate-limit.ts';
import { podNodeSelectorConfig, podTolerationConfig } from '../admission/plugins/pod-placement.ts';
import { podSecurityConfig } from '../admission/pod-security/policy.ts';
import { readEndpoint } from '../callout/kubeconfig-endpoint.ts';
import type { FlagReader } from './flag-reader.ts';
import type { ReadFile } from './read-file.ts';
import { StartupError } from './startup-error.ts';

type Configurations = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** Which admission plugins run, and how (pkg/kubeapiserver/options/admission.go). Throws `StartupError`. */
export async function admissionConfig(flags: FlagReader, read: ReadFile): Promise<AdmissionConfig> {
  const enabled = flags.list('enable-admission-plugins');
  const disabled = flags.list('disable-admission-plugins');
  const path = flags.text('admission-control-config-file');
  const configurations: Configurations = path === '' ? new Map() : await pluginConfigurations(path, read);
  const on = (name: string): boolean => (ON_BY_DEFAULT.has(name) || enabled.includes(name)) && !disabled.includes(name);
  return {
    enabled,
    disabled,
    podSecurity: configured('PodSecurity', podSecurityConfig, configurations),
    imagePolicy: on('ImagePolicyWebhook') ? await imagePolicyOf(configurations, read) : undefined,
    tolerations: {
      notReady: flags.number('default-not-ready-toleration-seconds', 300),
      unreachable: flags.number('default-unreachable-toleration-seconds', 300),
    },
    nodeSelectors: configured('PodNodeSelector', podNodeSelectorConfig, configurations),
    podTolerations: configured('PodTolerationRestriction', podTolerationConfig, configurations),
    eventLimits: on('EventRateLimit') ? configured('EventRateLimit', eventRateLimitConfig, configurations) : [],
  };
}

/** AdmissionOptions.Validate (apiserver/pkg/server/options/admission.go). */
export function admissionProblems(flags: FlagReader): string[] {
  const enabled = flags.list('enable-admission-plugins');
  const disabled = flags.list('disable-admission-plugins');
  const unknown = (flag: string, names: readonly string[]): string[] =>
    names
      .filter((name) => !PLUGIN_ORDER.includes(name))
      .map((name) => `${flag} plugin ${JSON.stringify(name)} is unknown`);
  const both = [...new Set(enabled.filter((name) => disabled.includes(name)))].sort();
  return [
    ...unknown('enable-admission-plugins', enabled),
    ...unknown('disable-admission-plugins', disabled),
    ...(both.length === 0
      ? []
      : [`[${both.join(' ')}] in enable-admission-plugins and disable-admission-plugins overlapped`]),
  ];
}

const shape = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  plugins: z
    .array(
      z.strictObject({
        name: z.string(),
        path: z.string().nullish(),
        configuration: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .nullish(),
});

/** AdmissionConfiguration; plugin files may lie beside it (apiserver/pkg/admission/config.go). */
async function pluginConfigurations(path: string, read: ReadFile): Promise<Configurations> {
  const fail = (why: string): StartupError => new StartupError(`failed to read plugin config: ${why}`);
  const content = await read(path);
  if (content === undefined) {
    throw fail(
      `unable to read admission control configuration from "${path}" [open ${path}: no such file or directory]`,
    );
  }
  const parsed = shape.safeParse(yaml(content, fail));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const unknown =
      issue?.code === 'unrecognized_keys' ? issue.keys.map((key) => `unknown field "${key}"`).join(', ') : undefined;
    throw fail(`strict decoding error: ${unknown ?? `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`}`);
  }
  if (parsed.data.kind !== 'AdmissionConfiguration') {
    throw fail(
      `no kind "${parsed.data.kind}" is registered for version "${parsed.data.apiVersion}" in scheme "k8s.io/apiserver/pkg/admission/config.go"`,
    );
  }
  const found = new Map<string, Readonly<Record<string, unknown>>>();
  for (const plugin of parsed.data.plugins ?? []) {
    if (plugin.configuration !== undefined && plugin.configuration !== null)
      found.set(plugin.name, plugin.configuration);
    else if (plugin.path !== undefined && plugin.path !== null && plugin.path !== '') {
      const file = plugin.path.startsWith('/') ? plugin.path : `${path.slice(0, path.lastIndexOf('/'))}/${plugin.path}`;
      const own = await read(file);
      if (own === undefined) throw fail(`open ${file}: no such file or directory`);
      found.set(plugin.name, (yaml(own, fail) ?? {}) as Record<string, unknown>);
    }
  }
  return found;
}

function yaml(content: Buffer, fail: (why: string) => StartupError): unknown {
  const document = parseDocument(content.toString('utf8'));
  const [problem] = document.errors;
  if (problem !== undefined) throw fail(`yaml: ${problem.message.split('\n')[0] ?? ''}`);
  return document.toJS();
}

const initializing = (plugin: string, error: unknown): StartupError =>
  new StartupError(`couldn't init admission plugin ${JSON.stringify(plugin)}: ${(error as Error).message}`, {
    cause: error,
  });

/** What a plugin makes of its configuration, or why it cannot start with it. */
function configured<Config>(
  plugin: string,
  read: (configuration: Readonly<Record<string, unknown>> | undefined) => Config,
  configurations: Configurations,
): Config {
  try {
    return read(configurations.get(plugin));
  } catch (error) {
    throw initializing(plugin, error);
  }
}

async function imagePolicyOf(configurations: Configurations, read: ReadFile): Promise<ImagePolicyConfig> {
  try {
    const { kubeConfigFile, ...settings } = imagePolicySettings(configurations.get('ImagePolicyWebhook'));
    return { endpoint: await readEndpoint(kubeConfigFile, read), ...settings };
  } catch (error) {
    throw initializing('ImagePolicyWebhook', error);
  }
}
