import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { AuthorizationConfig, AuthorizationMode } from '../authorization/chain.ts';
import type { WebhookAuthorizerConfig } from '../authorization/webhook.ts';
import { readEndpoint } from '../callout/kubeconfig-endpoint.ts';
import { parseDuration } from './duration.ts';
import type { FlagReader } from './flag-reader.ts';
import { requiredFile } from './required-file.ts';
import type { ReadFile } from './read-file.ts';
import { StartupError } from './startup-error.ts';

const MODES: readonly string[] = ['AlwaysAllow', 'AlwaysDeny', 'ABAC', 'Webhook', 'RBAC', 'Node'];

/** The modes that `--authorization-mode` names, checked or not; none where `--authorization-config` decides (options/authorization.go Complete). */
export function authorizationModes(flags: FlagReader): readonly string[] {
  if (flags.text('authorization-config') !== '') return [];
  return flags.has('authorization-mode') ? flags.list('authorization-mode') : ['AlwaysAllow'];
}

/** Who is asked whether a request may pass (pkg/kubeapiserver/options/authorization.go). Throws `StartupError`. */
export async function authorizationConfig(flags: FlagReader, read: ReadFile): Promise<AuthorizationConfig> {
  const structured = flags.text('authorization-config');
  if (structured !== '') return structuredConfig(structured, flags, read);
  const modes = authorizationModes(flags);
  const problems: string[] = [];
  if (modes.length === 0) problems.push('at least one authorization-mode must be passed');
  for (const [at, mode] of modes.entries()) {
    if (!MODES.includes(mode)) problems.push(`authorization-mode ${JSON.stringify(mode)} is not a valid mode`);
    else if (modes.indexOf(mode) !== at)
      problems.push(`authorization-mode ${JSON.stringify(mode)} has mode specified more than once`);
  }
  const file = flags.text('authorization-webhook-config-file');
  if (modes.includes('Webhook') && file === '')
    problems.push("authorization-mode Webhook's authorization config file not passed");
  if (!modes.includes('Webhook') && file !== '') {
    problems.push('cannot specify --authorization-webhook-config-file without mode Webhook');
  }
  if (modes.includes('ABAC') && flags.text('authorization-policy-file') === '') {
    problems.push("authorization-mode ABAC's authorization policy file not passed");
  }
  if (problems.length > 0) throw new StartupError(problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`);
  if (modes.includes('ABAC')) throw new StartupError('not simulated: --authorization-mode=ABAC');
  return {
    modes: modes as readonly AuthorizationMode[],
    ...(file === ''
      ? {}
      : {
          webhook: await webhookOf(file, read, {
            version: flags.text('authorization-webhook-version', 'v1beta1'),
            allowedTtl: flags.number('authorization-webhook-cache-authorized-ttl', 300) * 1000,
            deniedTtl: flags.number('authorization-webhook-cache-unauthorized-ttl', 30) * 1000,
          }),
        }),
  };
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
          connectionInfo: z.strictObject({ type: z.string(), kubeConfigFile: z.string().optional() }),
          matchConditions: z.array(z.unknown()).optional(),
        })
        .optional(),
    }),
  ),
});

/** AuthorizationConfiguration: one webhook at most, without matchConditions; more is not modelled. */
async function structuredConfig(path: string, flags: FlagReader, read: ReadFile): Promise<AuthorizationConfig> {
  if (flags.has('authorization-mode')) {
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
  const webhooks = authorizers.filter(({ type }) => type === 'Webhook');
  const [hook] = webhooks;
  if (
    webhooks.length > 1 ||
    hook?.webhook?.matchConditions !== undefined ||
    authorizers.some(({ type }) => type === 'ABAC')
  ) {
    throw fail('not simulated: ABAC, several webhooks, or a webhook with matchConditions');
  }
  const modes = authorizers.map(({ type }) => type as AuthorizationMode);
  if (hook === undefined) return { modes };
  const milliseconds = (text: string | undefined, fallback: number): number => {
    const read = parseDuration(text ?? '');
    return 'seconds' in read ? read.seconds * 1000 : fallback;
  };
  const file = hook.webhook?.connectionInfo.kubeConfigFile;
  if (file === undefined)
    throw fail(`authorizers[${authorizers.indexOf(hook)}].webhook.connectionInfo.kubeConfigFile: Required value`);
  return {
    modes,
    webhook: await webhookOf(file, read, {
      version: hook.webhook?.subjectAccessReviewVersion ?? 'v1',
      allowedTtl: milliseconds(hook.webhook?.authorizedTTL, 300_000),
      deniedTtl: milliseconds(hook.webhook?.unauthorizedTTL, 30_000),
    }),
  };
}
