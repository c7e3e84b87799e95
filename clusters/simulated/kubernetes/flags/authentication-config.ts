import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { AuthenticationConfig, OidcConfig, ServiceAccountConfig } from '../authentication/config.ts';
import { algorithmOf } from '../authentication/jwt.ts';
import { readTokenFile } from '../authentication/static-tokens.ts';
import { authorizationModes } from './authorization-config.ts';
import type { FlagReader } from './flag-reader.ts';
import { readEndpoint } from '../callout/kubeconfig-endpoint.ts';
import { requiredFile } from './required-file.ts';
import type { ReadFile } from './read-file.ts';
import { StartupError } from './startup-error.ts';
import { structuredAuthentication } from './structured-authentication.ts';

async function webhookOf(flags: FlagReader, read: ReadFile): Promise<Pick<AuthenticationConfig, 'webhook'>> {
  const file = flags.text('authentication-token-webhook-config-file');
  if (file === '') return {};
  return {
    webhook: {
      endpoint: await readEndpoint(file, read),
      version: flags.text('authentication-token-webhook-version', 'v1beta1'),
      ttl: flags.number('authentication-token-webhook-cache-ttl', 120) * 1000,
    },
  };
}

/** Who may prove who they are (pkg/kubeapiserver/options/authentication.go). Throws `StartupError`. */
export async function authenticationConfig(flags: FlagReader, read: ReadFile): Promise<AuthenticationConfig> {
  const tokenPath = flags.text('token-auth-file');
  const structured = await structuredAuthentication(flags, read);
  const tokens = tokenPath === '' ? '' : await requiredFile(tokenPath, read);
  try {
    return {
      ...(await webhookOf(flags, read)),
      anonymous: structured?.anonymous ?? {
        enabled: flags.flag('anonymous-auth', true) && !resetsAnonymousAuth(flags),
      },
      tokens: readTokenFile(tokenPath, tokens),
      bootstrapTokens: flags.flag('enable-bootstrap-token-auth', false),
      serviceAccounts: await serviceAccounts(flags, read),
      oidc: structured?.oidc ?? (await oidcFlags(flags, read)),
    };
  } catch (error) {
    throw error instanceof StartupError ? error : new StartupError((error as Error).message, { cause: error });
  }
}

/** Whoever may do everything must at least be known: AlwaysAllow takes `--anonymous-auth` back (options/authentication.go ApplyAuthorization). */
export const resetsAnonymousAuth = (flags: FlagReader): boolean =>
  flags.flag('anonymous-auth', true) && authorizationModes(flags).includes('AlwaysAllow');

async function serviceAccounts(flags: FlagReader, read: ReadFile): Promise<ServiceAccountConfig> {
  const issuers = flags.list('service-account-issuer');
  const signingPath = flags.text('service-account-signing-key-file');
  const paths = flags.list('service-account-key-file');
  const signingKey = signingPath === '' ? undefined : await privateKey(signingPath, read);
  const keys: KeyObject[] = [];
  for (const path of paths) keys.push(...(await publicKeys(path, read)));
  const maximum = flags.number('service-account-max-token-expiration', 0);
  if (maximum !== 0 && (maximum < 3600 || maximum > 2 ** 32)) {
    throw new StartupError('the service-account-max-token-expiration must be between 1 hour and 2^32 seconds');
  }
  const audiences = flags.list('api-audiences');
  return {
    issuers,
    keys,
    signingKey,
    apiAudiences: audiences.length === 0 ? issuers : audiences,
    lookup: flags.flag('service-account-lookup', true),
    maxExpirationSeconds: maximum === 0 ? undefined : maximum,
    extendExpiration: flags.flag('service-account-extend-token-expiration', true),
  };
}

async function privateKey(path: string, read: ReadFile): Promise<KeyObject> {
  const text = await requiredFile(path, read, 'failed to parse service-account-issuer-key-file: ');
  try {
    return createPrivateKey(text);
  } catch {
    throw new StartupError(
      'failed to parse service-account-issuer-key-file: data does not contain a valid RSA or ECDSA private key',
    );
  }
}

async function publicKeys(path: string, read: ReadFile): Promise<KeyObject[]> {
  const text = await requiredFile(path, read);
  const keys = [...text.matchAll(/-----BEGIN ([A-Z ]+)-----[\s\S]*?-----END \1-----/g)].flatMap(([block]) => {
    try {
      const key = createPublicKey(block);
      return algorithmOf(key) === undefined ? [] : [key];
    } catch {
      return [];
    }
  });
  if (keys.length === 0) {
    throw new StartupError(
      `error reading public key file ${path}: data does not contain any valid RSA or ECDSA public keys`,
    );
  }
  return keys;
}

async function oidcFlags(flags: FlagReader, read: ReadFile): Promise<OidcConfig[]> {
  const issuerUrl = flags.text('oidc-issuer-url');
  if (issuerUrl === '') return [];
  const usernameClaim = flags.text('oidc-username-claim', 'sub');
  const prefix = flags.text('oidc-username-prefix');
  const ca = flags.text('oidc-ca-file');
  const algorithms = flags.list('oidc-signing-algs');
  return [
    {
      issuerUrl,
      certificateAuthority: ca === '' ? undefined : await requiredFile(ca, read),
      audiences: [flags.text('oidc-client-id')],
      usernameClaim,
      // `-` turns the prefix off; other claims than email get the issuer's URL unless told otherwise.
      usernamePrefix: prefix === '-' ? '' : prefix !== '' || usernameClaim === 'email' ? prefix : `${issuerUrl}#`,
      groupsClaim: flags.text('oidc-groups-claim') || undefined,
      groupsPrefix: flags.text('oidc-groups-prefix'),
      requiredClaims: flags.map('oidc-required-claim'),
      signingAlgorithms: algorithms.length === 0 ? ['RS256'] : algorithms,
    },
  ];
}
