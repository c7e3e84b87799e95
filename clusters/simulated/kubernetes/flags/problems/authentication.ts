import type { FlagReader } from '../flag-reader.ts';

const OIDC_FLAGS = [
  'oidc-issuer-url',
  'oidc-client-id',
  'oidc-ca-file',
  'oidc-username-claim',
  'oidc-username-prefix',
  'oidc-groups-claim',
  'oidc-groups-prefix',
  'oidc-signing-algs',
  'oidc-required-claim',
];
const HEADER_FLAGS = [
  'requestheader-username-headers',
  'requestheader-uid-headers',
  'requestheader-group-headers',
  'requestheader-extra-headers-prefix',
  'requestheader-allowed-names',
];

/** BuiltInAuthenticationOptions.Validate (pkg/kubeapiserver/options/authentication.go). */
export const authenticationProblems = (flags: FlagReader): string[] => [
  ...oidcProblems(flags),
  ...issuerProblems(flags.list('service-account-issuer')),
  ...(flags.list('service-account-key-file').length === 0 && flags.text('service-account-signing-endpoint') === ''
    ? ['either `--service-account-key-file` or `--service-account-signing-endpoint` must be set']
    : []),
  ...keySetProblems(flags.text('service-account-jwks-uri')),
  ...HEADER_FLAGS.filter((name) => flags.list(name).some((value) => value.trim() === '')).map(
    (name) => `empty value in ${JSON.stringify(name)}`,
  ),
];

function oidcProblems(flags: FlagReader): string[] {
  if (!OIDC_FLAGS.some((name) => flags.has(name))) return [];
  if (flags.text('authentication-config') !== '') {
    return ['authentication-config file and oidc-* flags are mutually exclusive'];
  }
  return flags.text('oidc-issuer-url') === '' || flags.text('oidc-client-id') === ''
    ? ['oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set']
    : [];
}

function issuerProblems(issuers: readonly string[]): string[] {
  if (issuers.length === 0) return ['service-account-issuer is a required flag'];
  return issuers.flatMap((issuer, at) => {
    if (issuer === '') return ['service-account-issuer should not be an empty string'];
    return issuers.indexOf(issuer) === at
      ? []
      : [`service-account-issuer ${JSON.stringify(issuer)} is already specified`];
  });
}

const keySetProblems = (uri: string): string[] =>
  uri === '' || uri.toLowerCase().startsWith('https:')
    ? []
    : [`service-account-jwks-uri requires https scheme, parsed as: ${uri}`];

/** validateTokenRequest (pkg/controlplane/apiserver/options/validation.go): who signs tokens says whose they are, and the other way round. */
export function tokenRequestProblems(flags: FlagReader): string[] {
  const signs =
    flags.text('service-account-signing-key-file') !== '' || flags.text('service-account-signing-endpoint') !== '';
  const issues = (flags.list('service-account-issuer')[0] ?? '') !== '';
  if (signs && issues) return [];
  return signs || issues || flags.list('api-audiences').length > 0
    ? ['--service-account-signing-key-file, --service-account-issuer, and --api-audiences should be specified together']
    : ['--service-account-signing-key-file and --service-account-issuer are required flags'];
}
