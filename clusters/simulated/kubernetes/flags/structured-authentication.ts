import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { Program } from '../admission/cel/program.ts';
import { claimProgram } from '../authentication/claim-expressions.ts';
import type { ClaimExpressions } from '../authentication/claim-rules.ts';
import type { AnonymousConfig, OidcConfig } from '../authentication/config.ts';
import type { FlagReader } from './flag-reader.ts';
import { requiredFile } from './required-file.ts';
import type { ReadFile } from './read-file.ts';
import { StartupError } from './startup-error.ts';

const claimShape = z.strictObject({
  claim: z.string().optional(),
  prefix: z.string().optional(),
  expression: z.string().optional(),
});
const shape = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  jwt: z
    .array(
      z.strictObject({
        issuer: z.strictObject({
          url: z.string(),
          discoveryURL: z.string().optional(),
          certificateAuthority: z.string().optional(),
          audiences: z.array(z.string()).default([]),
          audienceMatchPolicy: z.string().optional(),
        }),
        claimValidationRules: z
          .array(
            z.strictObject({
              claim: z.string().optional(),
              requiredValue: z.string().optional(),
              expression: z.string().optional(),
              message: z.string().optional(),
            }),
          )
          .default([]),
        claimMappings: z.strictObject({
          username: claimShape,
          groups: claimShape.optional(),
          uid: claimShape.optional(),
          extra: z.array(z.strictObject({ key: z.string(), valueExpression: z.string() })).default([]),
        }),
        userValidationRules: z
          .array(z.strictObject({ expression: z.string(), message: z.string().default('') }))
          .default([]),
      }),
    )
    .nullish(),
  anonymous: z
    .strictObject({
      enabled: z.boolean().default(false),
      conditions: z.array(z.strictObject({ path: z.string() })).nullish(),
    })
    .nullish(),
});

/** AuthenticationConfiguration (apiserver.config.k8s.io/v1); undefined without the flag. Throws `StartupError`. */
export async function structuredAuthentication(
  flags: FlagReader,
  read: ReadFile,
): Promise<{ anonymous: AnonymousConfig | undefined; oidc: OidcConfig[] } | undefined> {
  const path = flags.text('authentication-config');
  if (path === '') return undefined;
  const text = await requiredFile(path, read, `failed to load authentication configuration from file "${path}": `);
  const fail = (why: string): StartupError =>
    new StartupError(`failed to load authentication configuration from file "${path}": ${why}`);
  const document = parseDocument(text);
  if (document.errors[0] !== undefined) throw fail(`yaml: ${document.errors[0].message.split('\n')[0] ?? ''}`);
  const parsed = shape.safeParse(document.toJS());
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const at = (issue?.path ?? [])
      .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
      .join('')
      .slice(1);
    const keys =
      issue?.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `unknown field "${at === '' ? '' : `${at}.`}${key}"`)
        : [];
    throw fail(`strict decoding error: ${keys.length > 0 ? keys.join(', ') : `${at}: ${issue?.message ?? ''}`}`);
  }
  const { kind, apiVersion, anonymous, jwt } = parsed.data;
  if (kind !== 'AuthenticationConfiguration' || !/^apiserver\.config\.k8s\.io\/v1(beta1|alpha1)?$/.test(apiVersion)) {
    throw fail(
      `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/apis/apiserver/install/install.go"`,
    );
  }
  if (anonymous !== undefined && anonymous !== null && flags.has('anonymous-auth')) {
    throw new StartupError(
      '--anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file',
    );
  }
  return {
    anonymous: anonymousOf(anonymous),
    oidc: (jwt ?? []).map((issuer, at) => oidcOf(issuer, (why) => fail(`jwt[${at}]${why}`))),
  };
}

type Issuer = NonNullable<z.infer<typeof shape>['jwt']>[number];

function oidcOf({ issuer, ...rest }: Issuer, fail: (why: string) => StartupError): OidcConfig {
  const { username, groups } = rest.claimMappings;
  const required = rest.claimValidationRules.filter(({ expression }) => expression === undefined);
  return {
    issuerUrl: issuer.url,
    certificateAuthority: issuer.certificateAuthority,
    audiences: issuer.audiences,
    usernameClaim: username.claim ?? 'sub',
    usernamePrefix: username.prefix ?? '',
    groupsClaim: groups?.claim,
    groupsPrefix: groups?.prefix ?? '',
    requiredClaims: Object.fromEntries(required.map(({ claim = '', requiredValue = '' }) => [claim, requiredValue])),
    signingAlgorithms: ['RS256', 'ES256', 'ES384', 'ES512'],
    ...(issuer.discoveryURL === undefined ? {} : { discoveryUrl: issuer.discoveryURL }),
    expressions: expressionsOf(rest, fail),
  };
}

function expressionsOf(
  { claimMappings, claimValidationRules, userValidationRules }: Omit<Issuer, 'issuer'>,
  fail: (why: string) => StartupError,
): ClaimExpressions {
  const program = (over: 'claims' | 'user', expression: string, place: string): Program => {
    try {
      return claimProgram(over, expression);
    } catch (error) {
      throw fail(`${place}: Invalid value: ${JSON.stringify(expression)}: ${(error as Error).message}`);
    }
  };
  const mapping = (name: 'username' | 'groups' | 'uid'): Partial<ClaimExpressions> => {
    const expression = claimMappings[name]?.expression;
    return expression === undefined
      ? {}
      : { [name]: program('claims', expression, `.claimMappings.${name}.expression`) };
  };
  const { uid, extra } = claimMappings;
  return {
    ...mapping('username'),
    ...mapping('groups'),
    ...mapping('uid'),
    ...(uid?.claim === undefined ? {} : { uidClaim: uid.claim }),
    extra: extra.map(({ key, valueExpression }, at) => ({
      key,
      program: program('claims', valueExpression, `.claimMappings.extra[${at}].valueExpression`),
    })),
    claimRules: claimValidationRules.flatMap(({ expression, message = '' }, at) =>
      expression === undefined
        ? []
        : [{ expression, message, program: program('claims', expression, `.claimValidationRules[${at}].expression`) }],
    ),
    userRules: userValidationRules.map(({ expression, message }, at) => ({
      expression,
      message,
      program: program('user', expression, `.userValidationRules[${at}].expression`),
    })),
  };
}

function anonymousOf(anonymous: z.infer<typeof shape>['anonymous']): AnonymousConfig | undefined {
  if (anonymous === undefined || anonymous === null) return undefined;
  const paths = (anonymous.conditions ?? []).map(({ path }) => path);
  return { enabled: anonymous.enabled, ...(paths.length === 0 ? {} : { paths }) };
}
