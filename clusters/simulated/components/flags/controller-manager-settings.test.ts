import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { isControllerEnabled } from './controller-names.ts';
import { CONTROLLER_MANAGER_FLAGS, SCHEDULER_FLAGS } from './program-flags.ts';
import { controllerManagerSettings, unmadeController } from './controller-manager-settings.ts';

test('without flags every loop runs that is on by default', () => {
  const { controllers, port } = controllerManagerSettings([]);
  expect({ controllers, port }).toEqual({ controllers: ['*'], port: 10_257 });
});

test.each([
  [['--nonsense=1'], 'UnreadCommandLine', 'Error: unknown flag: --nonsense'],
  [['--concurrent_rc_syncs=x'], 'UnreadCommandLine', 'Error: invalid argument "x" for "--concurrent-rc-syncs" flag'],
  [['--controllers=*,-podgc,nothing'], 'StartupError', '"nothing" is not in the list of known controllers'],
  [
    ['--controllers=a,b', '--leader-elect-resource-lock=endpoints'],
    'StartupError',
    '[resourceLock value must be "leases", "a" is not in the list of known controllers, "b" is not in the list of known controllers]',
  ],
])('%j keeps it down', (argv, name, words) => {
  expect(() => controllerManagerSettings(argv)).toThrow(
    expect.objectContaining({ name, message: expect.stringContaining(words) as string }) as Error,
  );
});

test.each([
  ['deployment-controller', ['*'], true],
  ['bootstrap-signer-controller', ['*'], false],
  ['bootstrap-signer-controller', ['*', 'bootstrapsigner'], true],
  ['node-lifecycle-controller', ['*', '-nodelifecycle'], false],
  ['node-lifecycle-controller', ['-node-lifecycle-controller', '*'], false],
  ['deployment-controller', ['replicaset'], false],
])('%s with --controllers=%j runs: %s', (name, given, runs) => {
  expect(isControllerEnabled(name, given)).toBe(runs);
});

test.each([SCHEDULER_FLAGS, CONTROLLER_MANAGER_FLAGS])(
  'flags of $program with effect are known',
  ({ flags, effective }) => {
    expect([...effective].filter((name) => !flags.has(name))).toEqual([]);
  },
);

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEY = privateKey.export({ type: 'pkcs8', format: 'pem' });
const FILES: Readonly<Record<string, string | Buffer>> = { '/sa.key': KEY, '/garbage': 'garbage' };

test.each([
  ['a key', ['--service-account-private-key-file=/sa.key'], undefined],
  [
    'a key that is missing',
    ['--service-account-private-key-file=/none'],
    'error reading key for service account token controller: open /none: no such file or directory',
  ],
  [
    'garbage for a key',
    ['--service-account-private-key-file=/garbage'],
    'error reading key for service account token controller: error reading private key file /garbage: data does not contain a valid RSA or ECDSA private key',
  ],
  [
    'garbage for a certificate',
    ['--root-ca-file=/garbage'],
    'error parsing root-ca-file at /garbage: data does not contain any valid RSA or ECDSA certificates',
  ],
  [
    'an authority to sign with that is missing',
    ['--cluster-signing-cert-file=/none', '--cluster-signing-key-file=/sa.key'],
    'failed to init kubernetes.io/kubelet-serving certificate controller: error reading CA cert file "/none": open /none: no such file or directory',
  ],
])('loops that begin with %s', async (_what, argv, problem) => {
  const { flags } = controllerManagerSettings(argv);
  const content = (path: string) => {
    const found = FILES[path];
    return Promise.resolve(found === undefined ? undefined : Buffer.from(found));
  };
  const files = { read: content, isAsLaid: () => false };
  expect((await unmadeController(flags, files, () => true))?.problem).toBe(problem);
});

test('what a loop begins with that does not run is not looked for', async () => {
  const { flags } = controllerManagerSettings(['--root-ca-file=/none']);
  const files = { read: () => Promise.resolve(undefined), isAsLaid: () => false };
  expect(await unmadeController(flags, files, () => false)).toBeUndefined();
});
