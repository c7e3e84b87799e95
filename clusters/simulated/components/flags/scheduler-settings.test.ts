import { expect, test } from 'vitest';
import { schedulerSettings } from './scheduler-settings.ts';

const CONFIG = '/etc/kubernetes/scheduler-config.yaml';
const KIND = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

/** The settings of a command line, beside a configuration file with that text. */
const settings = (argv: readonly string[], config?: string) =>
  schedulerSettings(argv, (path) =>
    Promise.resolve(config !== undefined && path === CONFIG ? Buffer.from(config) : undefined),
  );

test('without flags it serves everywhere, is elected, and places pods of the default profile', async () => {
  expect(await settings([])).toMatchObject({
    kubeconfig: '',
    port: 10_259,
    address: '0.0.0.0',
    alwaysAllowPaths: ['/healthz', '/readyz', '/livez'],
    profiling: true,
    leaderElection: { leaderElect: true, resourceName: 'kube-scheduler', resourceNamespace: 'kube-system' },
    schedulerNames: ['default-scheduler'],
  });
});

test.each([
  ['a flag that there is not', ['--nonsense'], 'Error: unknown flag: --nonsense'],
  ['a flag of the controller manager', ['--root-ca-file=/x'], 'Error: unknown flag: --root-ca-file'],
  [
    'a number too large',
    ['--kube-api-burst=3000000000'],
    'Error: invalid argument "3000000000" for "--kube-api-burst" flag: strconv.ParseInt: parsing "3000000000": value out of range',
  ],
  ['a word that is no flag', ['serve'], 'Error: "kube-scheduler" does not take any arguments, got ["serve"]'],
])('%s is told after its usage', async (_what, argv, words) => {
  await expect(settings(argv)).rejects.toMatchObject({
    name: 'UnreadCommandLine',
    message: expect.stringMatching(/^Usage:\n {2}kube-scheduler \[flags\]\n/) as string,
  });
  await expect(settings(argv)).rejects.toThrow(words);
});

test.each([
  [
    'a port',
    ['--secure-port=70000'],
    '--secure-port 70000 must be between 0 and 65535, inclusive. 0 for turning off secure port',
  ],
  [
    'terms of an election',
    ['--leader-elect-lease-duration=5s'],
    "couldn't create leader elector: leaseDuration must be greater than renewDeadline",
  ],
  ['a format of logs', ['--logging-format=xml'], 'format: Invalid value: "xml": Unsupported log format'],
])('%s that cannot be is refused', async (_what, argv, words) => {
  await expect(settings(argv)).rejects.toMatchObject({ name: 'StartupError', message: words });
});

test('beside a configuration file only the flags of elections and of serving count', async () => {
  const file = `${KIND}enableProfiling: false
clientConnection: {kubeconfig: /etc/kubernetes/other.conf}
leaderElection: {leaderElect: false, resourceName: mine}
profiles: [{schedulerName: default-scheduler}, {schedulerName: batch}]
`;
  const flags = [
    '--kubeconfig=/etc/kubernetes/scheduler.conf',
    '--profiling=true',
    '--leader-elect',
    '--secure-port=1',
  ];
  expect(await settings([`--config=${CONFIG}`, ...flags], file)).toMatchObject({
    kubeconfig: '/etc/kubernetes/other.conf',
    profiling: false,
    port: 1,
    leaderElection: { leaderElect: true, resourceName: 'mine' },
    schedulerNames: ['default-scheduler', 'batch'],
  });
});

test.each([
  ['nothing', undefined, `open ${CONFIG}: no such file or directory`],
  ['no kind', 'profiles: []', `Object 'Kind' is missing in '{"profiles":[]}'`],
  [
    'another version',
    'apiVersion: kubescheduler.config.k8s.io/v1beta3\nkind: KubeSchedulerConfiguration\n',
    'no kind "KubeSchedulerConfiguration" is registered for version "kubescheduler.config.k8s.io/v1beta3" in scheme "pkg/scheduler/apis/config/scheme/scheme.go:30"',
  ],
  [
    'fields that there are not',
    `${KIND}algorithm: x\nprofiles: [{name: batch}]`,
    'strict decoding error: unknown field "algorithm", unknown field "profiles[0].name"',
  ],
  [
    'a value of another type',
    `${KIND}parallelism: many`,
    'json: cannot unmarshal string into Go struct field KubeSchedulerConfiguration.parallelism of type int32',
  ],
  [
    'what does not go together',
    `${KIND}parallelism: 0\nprofiles: [{schedulerName: a}, {schedulerName: a}]`,
    '[parallelism: Invalid value: 0: should be an integer value greater than zero, profiles[1].schedulerName: Duplicate value: profiles[0].schedulerName]',
  ],
  ['extenders', `${KIND}extenders: [{urlPrefix: "http://x"}]`, 'not simulated: extenders of the scheduler'],
])('a configuration file with %s keeps it down', async (_what, file, words) => {
  await expect(settings([`--config=${CONFIG}`], file)).rejects.toMatchObject({ name: 'StartupError', message: words });
});

test('plugins of a profile are said to have no effect', async () => {
  const file = `${KIND}profiles: [{schedulerName: batch, plugins: {score: {disabled: [{name: "*"}]}}}]`;
  const { warnings } = await settings([`--config=${CONFIG}`], file);
  expect(warnings).toEqual(['not simulated: profiles[0].plugins of the scheduler has no effect']);
});
