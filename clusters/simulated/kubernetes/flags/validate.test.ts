import { describe, expect, it } from 'vitest';
import { FlagReader } from './flag-reader.ts';
import { parseFlags } from './parse.ts';
import { validateFlags } from './validate.ts';

const SOUND = [
  '--etcd-servers=https://127.0.0.1:2379',
  '--authorization-mode=Node,RBAC',
  '--service-account-issuer=https://kubernetes.default.svc',
  '--service-account-key-file=/sa.pub',
  '--service-account-signing-key-file=/sa.key',
];

/** What keeps a server with sound flags and these down; nothing if it starts. */
function refusal(...flags: readonly string[]): string {
  const replaced = new Set(flags.map((flag) => flag.split('=')[0]));
  const parsed = parseFlags([...SOUND.filter((flag) => !replaced.has(flag.split('=')[0])), ...flags]);
  if ('failed' in parsed) return parsed.failed;
  try {
    validateFlags(new FlagReader(parsed.ok));
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('flags that do not go together', () => {
  it.each([
    ['--request-timeout=-1s', '--request-timeout can not be negative value'],
    ['--goaway-chance=0.5', '--goaway-chance can not be less than 0 or greater than 0.02'],
    ['--strict-transport-security-directives=max-age', '--strict-transport-security-directives invalid'],
    ['--cors-allowed-origins=.*', 'regular expression does not pin to start/end of host in the origin header'],
    ['--etcd-servers=', '--etcd-servers must be specified'],
    [
      '--storage-backend=etcd2',
      "--storage-backend invalid, allowed values: etcd3. If not specified, it will default to 'etcd3'",
    ],
    [
      '--encryption-provider-config-automatic-reload',
      '--encryption-provider-config-automatic-reload must be set with --encryption-provider-config',
    ],
    [
      '--runtime-config=api/all=false',
      '[--runtime-config=api/all=false conflicts with --enable-priority-and-fairness=true, invalid key with only api/all=false]',
    ],
    ['--runtime-config=nothing.io/v1', 'unknown api groups nothing.io'],
    ['--runtime-config=batch', 'runtime-config invalid key batch'],
    ['--service-account-issuer=', 'service-account-issuer should not be an empty string'],
    ['--oidc-username-claim=email', 'oidc-issuer-url and oidc-client-id must be specified together when any oidc-*'],
    ['--service-account-jwks-uri=http://x', 'service-account-jwks-uri requires https scheme, parsed as: http://x'],
    ['--authorization-mode=', 'at least one authorization-mode must be passed'],
    ['--authorization-mode=RBAC,RBAC', 'authorization-mode ["RBAC" "RBAC"] has mode specified more than once'],
    ['--authorization-policy-file=/p', 'cannot specify --authorization-policy-file without mode ABAC'],
    ['--disable-admission-plugins=Nope', 'disable-admission-plugins plugin "Nope" is unknown'],
    [
      '--show-hidden-metrics-for-version=1.20',
      "--show-hidden-metrics-for-version must be omitted or have the value '1.35'",
    ],
    ['--peer-ca-file=/ca', '--peer-ca-file requires UnknownVersionInteroperabilityProxy feature to be turned on'],
    ['--kubernetes-service-node-port=80', "kubernetes service port range 30000-32767 doesn't contain 80"],
    ['--apiserver-count=0', "--apiserver-count should be a positive number, but value '0' provided"],
    ['--service-cluster-ip-range=10.96.0.0', 'service-cluster-ip-range[0] is not a valid cidr'],
    ['--service-cluster-ip-range=10.96.0.0/30', 'the service cluster IP range must be at least 8 IP addresses'],
    ['--service-cluster-ip-range=10.0.0.0/16,10.1.0.0/16', 'must be of different IP family'],
    ['--logging-format=xml', 'format: Invalid value: "xml": Unsupported log format'],
    ['--log-text-split-stream', 'options.text.splitStream: Forbidden: Feature LoggingAlphaOptions is disabled'],
    ['--feature-gates=AllAlpha', 'missing bool value for AllAlpha'],
    ['--feature-gates=kube:AllAlpha=yes', 'invalid value of AllAlpha=yes, err: strconv.ParseBool'],
    ['--feature-gates=wardle:A=true', 'component not registered: wardle'],
  ])('keep the server down: %s', (flag, why) => {
    expect(refusal(flag)).toContain(why);
  });

  it('are looked at only where they count: a log that is not written may be of any size', () => {
    expect(refusal('--audit-log-maxage=-1')).toBe('');
    expect(refusal('--audit-log-maxage=-1', '--audit-log-path=-')).toBe(
      "--audit-log-maxage -1 can't be a negative number",
    );
    expect(refusal('--audit-webhook-batch-max-size=0', '--audit-webhook-config-file=/w')).toBe(
      'invalid audit batch webhook max batch size 0, must be a positive number',
    );
  });

  it('are told all at once, each once', () => {
    expect(refusal('--secure-port=0', '--etcd-servers=', '--audit-log-path=-', '--audit-log-mode=never')).toBe(
      '[--etcd-servers must be specified, --secure-port 0 must be between 1 and 65535, inclusive. It cannot be turned off with 0, invalid audit log mode never, allowed modes are "batch,blocking,blocking-strict"]',
    );
  });

  it('that sign tokens need keys to know them by, and an issuer', () => {
    const without = (...flags: string[]): string => {
      const parsed = parseFlags(SOUND.filter((flag) => !flags.some((name) => flag.startsWith(name))));
      if ('failed' in parsed) return parsed.failed;
      try {
        validateFlags(new FlagReader(parsed.ok));
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(without('--service-account-key-file')).toBe(
      'either `--service-account-key-file` or `--service-account-signing-endpoint` must be set',
    );
    expect(without('--service-account-signing-key-file')).toBe(
      '--service-account-signing-key-file, --service-account-issuer, and --api-audiences should be specified together',
    );
  });

  it('lets sound ones through', () => {
    expect(refusal('--feature-gates=AllBeta=true', '--runtime-config=api/beta=true,batch/v1')).toBe('');
  });
});
