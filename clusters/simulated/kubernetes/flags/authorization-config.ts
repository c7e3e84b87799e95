import { parseDocument } from 'yaml';
import { z } from 'zod';
import { celEnvironment } from '../admission/cel/environment.ts';
import { compile } from '../admission/cel/program.ts';
import { readAbacPolicies, type AbacPolicy } from '../authorization/abac.ts';
import type { AuthorizationConfig, AuthorizationMode } from '../authorization/chain.ts';
import type { WebhookAuthorizerConfig } from '../authorization/webhook.ts';
import { readEndpoint } from '../callout/kubeconfig-endpoint.ts';
import { parseDuration } from './duration.ts';
import type { FlagReader } from './flag-reader.ts';
import { requiredFile } from './required-file.ts';
import type { ReadFile } from './read-file.ts';
import { StartupError } from './startup-error.ts';

const MODES: readonly string[] = ['AlwaysAllow', 'AlwaysDeny', 'ABAC', 'Webhook', 'RBAC', 'Node'];

/** Flags that say what a file of `--authorization-config` would. */
const LEGACY = [
  'authorization-mode',
  'authorization-webhook-config-file',
  'authorization-webhook-version',
  'authorization-webhook-cache-authorized-ttl',
  'authorization-webhook-cache-unauthorized-ttl',
];

/** The modes that `--authorization-mode` names, checked or not; none where `--authorization-config` decides (options/authorization.go Complete). */
export function authorizationModes(flags: FlagReader): readonly string[] {
  if (flags.text('authorization-config') !== '') return [];
  return flags.has('authorization-mode') ? flags.list('authorization-mode') : ['AlwaysAllow'];
}

/** BuiltInAuthorizationOptions.Validate: whether the modes are ones, and have what they need. */
export function authorizationProblems(flags: FlagReader): string[] {
  if (flags.text('authorization-config') !== '') return [];
  const modes = authorizationModes(flags);
  if (modes.length === 0) return ['at least one authorization-mode must be passed'];
  const webhook = flags.text('authorization-webhook-config-file') !== '';
  const policies = flags.text('authorization-policy-file') !== '';
  const problems = modes.flatMap((mode) => {
    if (!MODES.includes(mode)) return [`authorization-mode ${JSON.stringify(mode)} is not a valid mode`];
    if (mode === 'ABAC' && !policies) return ["authorization-mode ABAC's authorization policy file not passed"];
    if (mode === 'Webhook' && !webhook) return ["authorization-mode Webhook's authorization config file not passed"];
    return [];
  });
  if (policies && !modes.includes('ABAC'))
    problems.push('cannot specify --authorization-policy-file without mode ABAC');
  if (webhook && !modes.includes('Webhook'))
    problems.push('cannot specify --authorization-webhook-config-file without mode Webhook');
  if (new Set(modes).size < modes.length) {
    const shown = modes.map((mode) => JSON.stringify(mode)).join(' ');
    problems.push(`authorization-mode [${shown}] has mode specified more than once`);
  }
  return problems;
}

/** Who is asked whether a request may pass (pkg/kubeapiserver/options/authorization.go). Throws `StartupError`. */
export async function authorizationConfig(flags: FlagReader, read: ReadFile): Promise<AuthorizationConfig> {
  const structured = flags.text('authorization-config');
  if (structured !== '') return structuredConfig(structured, flags, read);
  const modes = authorizationModes(flags);
  const file = flags.text('authorization-webhook-config-file');
  const webhook = {
    version: flags.text('authorization-webhook-version', 'v1beta1'),
    allowedTtl: flags.number('authorization-webhook-cache-authorized-ttl', 300) * 1000,
    deniedTtl: flags.number('authorization-webhook-cache-unauthorized-ttl', 30) * 1000,
    timeoutMs: 30_000,
    failurePolicy: 'NoOpinion',
    matchConditions: [],
  } as const;
  return {
    modes: modes as readonly AuthorizationMode[],
    webhooks: file === '' ? [] : [await webhookOf(file, read, webhook)],
    policies: modes.includes('ABAC') ? await policiesOf(flags, read) : [],
  };
}

async function policiesOf(flags: FlagReader, read: ReadFile): Promise<readonly AbacPolicy[]> {
  const path = flags.text('authorization-policy-file');
  const content = await requiredFile(path, read);
  try {
    return readAbacPolicies(path, content);
  } catch (error) {
    throw new StartupError((error as Error).message, { cause: error });
  }
}

async function webhookOf(
  path: string,
  read: ReadFile,
  rest: Omit<WebhookAuthorizerConfig, 'endpoint'>,
): Promise<WebhookAuthorizerConfig> {
  try {
    return { endpoint: await readEndpoint(path, read), ...rest };
  } catch (error) {
    throw new StartupError((error as Error).message, { cause: error });
  }
}

const shape = z.strictObject({
  apiVersion: z.string(),
  kind: z.literal('AuthorizationConfiguration'),
  authorizers: z.array(
    z.strictObject({
      type: z.string(),
      name: z.string(),
      webhook: z
        .looseObject({
          authorizedTTL: z.string().optional(),
          unauthorizedTTL: z.string().optional(),
          subjectAccessReviewVersion: z.string().optional(),
          timeout: z.string().optional(),
          failurePolicy: z.string().optional(),
          connectionInfo: z.strictObject({ type: z.string(), kubeConfigFile: z.string().optional() }),
          matchConditions: z.array(z.strictObject({ expression: z.string() })).optional(),
        })
        .optional(),
    }),
  ),
});

/** AuthorizationConfiguration (apiserver/pkg/apis/apiserver/validation ValidateAuthorizationConfiguration). */
async function structuredConfig(path: string, flags: FlagReader, read: ReadFile): Promise<AuthorizationConfig> {
  if (LEGACY.some((name) => flags.has(name))) {
    throw new StartupError(
      'authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined',
    );
  }
  const fail = (why: string): StartupError =>
    new StartupError(`failed to load AuthorizationConfiguration from file "${path}": ${why}`);
  const document = parseDocument(
    await requiredFile(path, read, `failed to load AuthorizationConfiguration from file "${path}": `),
  );
  if (document.errors[0] !== undefined) throw fail(`yaml: ${document.errors[0].message.split('\n')[0] ?? ''}`);
  const parsed = shape.safeParse(document.toJS());
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw fail(`strict decoding error: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  const { authorizers } = parsed.data;
  if (authorizers.length === 0)
    throw fail('authorizers: Required value: at least one authorization mode must be defined');
  const unknown = authorizers.find(({ type }) => !MODES.includes(type));
  if (unknown !== undefined) {
    throw fail(
      `authorizers[${authorizers.indexOf(unknown)}].type: Unsupported value: ${JSON.stringify(unknown.type)}: supported values: ${MODES.map((mode) => JSON.stringify(mode)).join(', ')}`,
    );
  }
  const names = authorizers.map(({ name }) => name);
  const twice = names.findIndex((name, at) => names.indexOf(name) !== at);
  if (twice >= 0) throw fail(`authorizers[${twice}].name: Duplicate value: ${JSON.stringify(names[twice])}`);
  const modes = authorizers.map(({ type }) => type as AuthorizationMode);
  const webhooks: WebhookAuthorizerConfig[] = [];
  for (const [at, { type, webhook }] of authorizers.entries()) {
    const place = `authorizers[${at}].webhook`;
    if (type === 'Webhook') webhooks.push(await structuredWebhook(webhook, read, (why) => fail(`${place}${why}`)));
  }
  return { modes, webhooks, policies: modes.includes('ABAC') ? await policiesOf(flags, read) : [] };
}

const FAILURE_POLICIES: readonly string[] = ['NoOpinion', 'Deny'];
const MATCHED = celEnvironment(['request']);

async function structuredWebhook(
  webhook: z.infer<typeof shape>['authorizers'][number]['webhook'],
  read: ReadFile,
  fail: (why: string) => StartupError,
): Promise<WebhookAuthorizerConfig> {
  if (webhook === undefined) throw fail(': Required value');
  const file = webhook.connectionInfo.kubeConfigFile;
  if (file === undefined) throw fail('.connectionInfo.kubeConfigFile: Required value');
  const { failurePolicy = 'NoOpinion', matchConditions = [] } = webhook;
  if (!FAILURE_POLICIES.includes(failurePolicy)) {
    throw fail(
      `.failurePolicy: Unsupported value: ${JSON.stringify(failurePolicy)}: supported values: "Deny", "NoOpinion"`,
    );
  }
  const programs = matchConditions.map(({ expression }, at) => {
    const program = compile(MATCHED, expression);
    if (!('failed' in program)) return program;
    const shown = JSON.stringify(expression);
    throw fail(`.matchConditions[${at}].expression: Invalid value: ${shown}: compilation failed: ${program.failed}`);
  });
  return webhookOf(file, read, {
    version: webhook.subjectAccessReviewVersion ?? 'v1',
    allowedTtl: milliseconds(webhook.authorizedTTL, 300_000),
    deniedTtl: milliseconds(webhook.unauthorizedTTL, 30_000),
    timeoutMs: milliseconds(webhook.timeout, 30_000),
    failurePolicy: failurePolicy as 'NoOpinion' | 'Deny',
    matchConditions: programs,
  });
}

function milliseconds(text: string | undefined, fallback: number): number {
  const read = parseDuration(text ?? '');
  return 'seconds' in read ? read.seconds * 1000 : fallback;
}
