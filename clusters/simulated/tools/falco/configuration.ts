import { parseDocument } from 'yaml';
import { z } from 'zod';
import { remembering } from '../../remembering.ts';
import { parsePriority, PRIORITIES, type Priority } from './rules/definitions.ts';
import type { ExtraOutput } from './rules/rule-book.ts';

export const CONFIG_FILE = '/etc/falco/falco.yaml';

/** What a container's plugin wants in every output about it (falcosecurity/plugins, plugins/container: "suggested output fields"). */
const SUGGESTED =
  'container_id=%container.id container_name=%container.name container_image_repository=%container.image.repository ' +
  'container_image_tag=%container.image.tag k8s_pod_name=%k8s.pod.name k8s_ns_name=%k8s.ns.name';

const PriorityName = z.string().transform((text, context): Priority => {
  const priority = parsePriority(text);
  if (priority !== undefined) return priority;
  context.addIssue({ code: 'custom', message: `Unknown priority "${text}"--must be one of ${PRIORITIES.join(', ')}` });
  return z.NEVER;
});
const Enabled = z.object({ enabled: z.boolean().default(false) });
const Match = z.object({
  rule: z.string().optional(),
  tags: z.array(z.string()).default([]),
  source: z.string().optional(),
});

/** The keys of falco.yaml that are of effect here (falcosecurity/falco, falco.yaml). */
const Configuration = z.object({
  rules_files: z.array(z.string()).max(50).default(['/etc/falco/falco_rules.yaml']),
  rules: z
    .array(
      z.union([
        z.object({ enable: z.object({ rule: z.string().optional(), tag: z.string().optional() }) }),
        z.object({ disable: z.object({ rule: z.string().optional(), tag: z.string().optional() }) }),
      ]),
    )
    .default([]),
  priority: PriorityName.default('Debug'),
  rule_matching: z.enum(['first', 'all']).default('first'),
  json_output: z.boolean().default(false),
  json_include_output_property: z.boolean().default(true),
  json_include_message_property: z.boolean().default(false),
  json_include_tags_property: z.boolean().default(true),
  json_include_output_fields_property: z.boolean().default(true),
  time_format_iso_8601: z.boolean().default(false),
  log_stderr: z.boolean().default(true),
  log_syslog: z.boolean().default(true),
  watch_config_files: z.boolean().default(true),
  stdout_output: Enabled.default({ enabled: false }),
  syslog_output: Enabled.default({ enabled: false }),
  file_output: z
    .object({ enabled: z.boolean().default(false), filename: z.string().default('./events.txt') })
    .default({ enabled: false, filename: './events.txt' }),
  append_output: z
    .array(
      z.object({
        match: Match.optional(),
        extra_output: z.string().optional(),
        suggested_output: z.boolean().default(false),
      }),
    )
    .default([]),
  http_output: Enabled.optional(),
  program_output: Enabled.optional(),
  grpc_output: Enabled.optional(),
  webserver: Enabled.optional(),
});
export type Configuration = z.infer<typeof Configuration>;

export type ConfigurationRead =
  | { readonly configuration: Configuration; readonly warnings: readonly string[] }
  | { readonly problem: string };

/** Reads falco.yaml with `-o` settings over it (`base.sub=val`, `list[0]=val`, `list[]=val`). */
export const readConfiguration = (text: string, settings: readonly string[]): ConfigurationRead =>
  readAsked(JSON.stringify([text, settings]));

const readAsked = remembering((asked) => {
  const [text, settings] = JSON.parse(asked) as [string, readonly string[]];
  return withSettings(text, settings);
});

function withSettings(text: string, settings: readonly string[]): ConfigurationRead {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken !== undefined) return { problem: `yaml-cpp: error at ${broken.message.split('\n')[0] ?? ''}` };
  const tree: unknown = document.toJS({ maxAliasCount: 20 }) ?? {};
  for (const setting of settings) {
    const [, path, value] = /^([^=]+)=(.*)$/s.exec(setting) ?? [];
    if (path === undefined || value === undefined || !set(tree, path.trim(), parseDocument(value).toJS() as unknown))
      return { problem: `Error parsing config option "${setting}". Must be of the form key=val or key.subkey=val` };
  }
  const parsed = Configuration.safeParse(tree);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { problem: `Error reading config file (${CONFIG_FILE}): ${issue?.path.join('.')}: ${issue?.message}` };
  }
  const configuration = parsed.data;
  const warnings = (['http_output', 'program_output', 'grpc_output', 'webserver'] as const).flatMap((key) =>
    configuration[key]?.enabled === true ? [`not simulated: ${key}`] : [],
  );
  return { configuration, warnings };
}

/** Sets a value by its path in falco's notation; false when there is no such place. */
function set(tree: unknown, path: string, value: unknown): boolean {
  const steps = path.match(/[^.[\]]+|\[\d*\]/g);
  if (steps === null || steps.length > 10) return false;
  let at = tree;
  for (const [i, step] of steps.entries()) {
    if (typeof at !== 'object' || at === null || step === '__proto__') return false;
    const isLast = i === steps.length - 1;
    const inList = step.startsWith('[');
    if (inList !== Array.isArray(at)) return false;
    const key = inList ? (step === '[]' ? (at as unknown[]).length : Number(step.slice(1, -1))) : step;
    if (inList && Number(key) > (at as unknown[]).length) return false;
    const place = at as Record<string | number, unknown>;
    if (isLast) place[key] = value;
    else at = place[key] ??= steps[i + 1]?.startsWith('[') ? [] : {};
  }
  return true;
}

export const extraOutputs = ({ append_output }: Configuration): readonly ExtraOutput[] =>
  append_output
    .filter(({ match }) => (match?.source ?? 'syscall') === 'syscall')
    .flatMap(({ match, extra_output, suggested_output }) =>
      [...(suggested_output ? [SUGGESTED] : []), ...(extra_output === undefined ? [] : [extra_output])].map(
        (format) => ({
          format,
          rule: match?.rule,
          tags: match?.tags ?? [],
        }),
      ),
    );
