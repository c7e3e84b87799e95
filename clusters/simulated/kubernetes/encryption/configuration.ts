import { parseDocument } from 'yaml';
import { z } from 'zod';
import { aescbc, aesgcm, identity, secretbox, type NamedKey, type Provider } from './providers.ts';
import { transformer, type EncryptionAtRest, type SecretTransformer } from './transformer.ts';

const keysShape = z.strictObject({
  keys: z
    .array(z.strictObject({ name: z.string().default(''), secret: z.string().default('') }))
    .nullable()
    .default([]),
});
const providerShape = z.strictObject({
  aesgcm: keysShape.nullish(),
  aescbc: keysShape.nullish(),
  secretbox: keysShape.nullish(),
  identity: z.strictObject({}).nullish(),
  kms: z.looseObject({}).nullish(),
});
const shape = z.strictObject({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  resources: z
    .array(
      z.strictObject({
        resources: z.array(z.string()).nullable().default([]),
        providers: z.array(providerShape).nullable().default([]),
      }),
    )
    .nullable()
    .default([]),
});

type Built = { readonly ok: EncryptionAtRest } | { readonly failed: string };

interface Rule {
  readonly matches: (group: string, plural: string) => boolean;
  readonly transformer: SecretTransformer;
}

/** Bytes (apis/apiserver/validation/validation_encryption.go). */
const SIZES: Readonly<Record<'aescbc' | 'aesgcm' | 'secretbox', readonly number[]>> = {
  aescbc: [16, 24, 32],
  aesgcm: [16, 24, 32],
  secretbox: [32],
};
const MAKERS: Readonly<Record<keyof typeof SIZES, (key: NamedKey) => Provider>> = { aescbc, aesgcm, secretbox };

/**
 * Reads an EncryptionConfiguration (apiserver/pkg/server/options/encryptionconfig/config.go). `failed` is upstream's reason, with which
 * the API server stays down.
 */
export function readEncryptionConfiguration(path: string, content: string | undefined): Built {
  const parsing = (why: string): Built => ({ failed: `error while parsing file: ${why}` });
  if (content === undefined) {
    return parsing(
      `error opening encryption provider configuration file "${path}": open ${path}: no such file or directory`,
    );
  }
  const decoding = (why: string): Built =>
    parsing(`error decoding encryption provider configuration file "${path}": ${why}`);
  const document = parseDocument(content);
  const [syntax] = document.errors;
  if (syntax !== undefined) return decoding(`yaml: ${syntax.message.split('\n')[0] ?? ''}`);
  const raw: unknown = document.toJS();
  const { kind, apiVersion } = (raw ?? {}) as { kind?: string; apiVersion?: string };
  if (kind === undefined) return decoding(`Object 'Kind' is missing in '${content.trim()}'`);
  if (kind !== 'EncryptionConfiguration' || apiVersion !== 'apiserver.config.k8s.io/v1') {
    return decoding(
      `no kind "${kind}" is registered for version "${apiVersion ?? ''}" in scheme "pkg/server/options/encryptionconfig/config.go:81"`,
    );
  }
  const read = shape.safeParse(raw);
  if (!read.success) return decoding(`strict decoding error: ${issueText(read.error.issues[0])}`);
  return build(read.data);
}

function build({ resources }: z.infer<typeof shape>): Built {
  const problems: string[] = [];
  const rules: Rule[] = [];
  if ((resources ?? []).length === 0) {
    problems.push('resources: Required value: at least one item must be listed');
  }
  for (const [at, rule] of (resources ?? []).entries()) {
    const where = `resources[${at}]`;
    if ((rule.resources ?? []).length === 0)
      problems.push(`${where}.resources: Required value: at least one item must be listed`);
    if ((rule.providers ?? []).length === 0)
      problems.push(`${where}.providers: Required value: at least one item must be listed`);
    const providers = (rule.providers ?? []).flatMap((provider, index) =>
      readProvider(provider, `${where}.providers[${index}]`, problems),
    );
    rules.push({ matches: matcher(rule.resources ?? []), transformer: transformer(providers) });
  }
  if (problems.length > 0) {
    return { failed: `error while parsing file: ${problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`}` };
  }
  return {
    ok: {
      transformerFor: ({ group, plural }) => rules.find(({ matches }) => matches(group, plural))?.transformer,
    },
  };
}

function readProvider(provider: z.infer<typeof providerShape>, where: string, problems: string[]): Provider[] {
  const named = Object.entries(provider).filter(([, value]) => value !== undefined && value !== null);
  const [chosen] = named;
  if (chosen === undefined) {
    // `identity: {}` is an object; `identity:` alone is null, which upstream takes for nothing at all.
    problems.push(
      `${where}: Required value: provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity`,
    );
    return [];
  }
  if (named.length > 1) {
    problems.push(
      `${where}: Invalid value: more than one provider specified in a single element, should split into different list elements`,
    );
    return [];
  }
  const [name] = chosen;
  if (name === 'identity') return [identity];
  if (name === 'kms') {
    problems.push(`not simulated: ${where}: a KMS plugin`);
    return [];
  }
  const kind = name as keyof typeof SIZES;
  const keys = provider[kind]?.keys ?? [];
  if (keys.length === 0) problems.push(`${where}.${kind}.keys: Required value: at least one item must be listed`);
  return keys.flatMap((key, at) => readKey(kind, key, `${where}.${kind}.keys[${at}]`, problems));
}

function readKey(
  kind: keyof typeof SIZES,
  { name, secret }: { name: string; secret: string },
  where: string,
  problems: string[],
): Provider[] {
  const before = problems.length;
  if (name === '') problems.push(`${where}.name: Required value: name is a required field`);
  if (secret === '') problems.push(`${where}.secret: Required value: secret is a required field`);
  const bytes = Buffer.from(secret, 'base64');
  if (secret !== '' && !/^[A-Za-z0-9+/]+={0,2}$/.test(secret)) {
    problems.push(`${where}.secret: Invalid value: "REDACTED": secret must be base64 encoded`);
  } else if (secret !== '' && !SIZES[kind].includes(bytes.length)) {
    problems.push(
      `${where}.secret: Invalid value: "REDACTED": secret is not of the expected length, got ${bytes.length}, expected one of [${SIZES[kind].join(' ')}]`,
    );
  }
  return problems.length > before ? [] : [MAKERS[kind]({ name, secret: bytes })];
}

/** `secrets`, `deployments.apps`, `*.apps`, `*.` (the core group) and `*.*`. */
function matcher(names: readonly string[]): (group: string, plural: string) => boolean {
  return (group, plural) =>
    names.some((name) => {
      const dot = name.indexOf('.');
      const wantedPlural = dot < 0 ? name : name.slice(0, dot);
      const wantedGroup = dot < 0 ? '' : name.slice(dot + 1);
      return (wantedPlural === '*' || wantedPlural === plural) && (wantedGroup === '*' || wantedGroup === group);
    });
}

function issueText(
  issue: { code?: string; keys?: readonly string[]; path: PropertyKey[]; message: string } | undefined,
): string {
  if (issue === undefined) return 'unknown';
  const at = issue.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).map((key) => `unknown field "${at === '' ? '' : `${at}.`}${key}"`).join(', ');
  }
  return `${at}: ${issue.message}`;
}
