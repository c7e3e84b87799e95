import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { workstation } from '../test-workstation.ts';
import { trivy } from './trivy.ts';

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

async function scan(files: Readonly<Record<string, string>>, args: string) {
  const absolute = Object.fromEntries(Object.entries(files).map(([name, text]) => [`/root/${name}`, text]));
  const host = resources.use(await workstation({ trivy }, absolute));
  return host.call('trivy', args.split(' '));
}

// Put together here, so that nobody takes them for real ones.
const KEY = 'KEY';
const EXAMPLE = 'EXAMPLE';
const ACCESS_KEY = `AKIA${'Q3EGR'.repeat(3)}X`;
const SECRET_KEY = 'aB3/'.repeat(10);
const GITHUB = `ghp_${'a1'.repeat(18)}`;
const PEM = (body: string): string => `-----BEGIN RSA PRIVATE ${KEY}-----\n${body}\n-----END RSA PRIVATE ${KEY}-----\n`;
const PRIVATE_KEY = PEM('MIIEpAIBAAKCAQEA'.repeat(4));

describe('trivy fs', () => {
  test('tells where a secret lies without telling it', async () => {
    const script = `#!/bin/sh\n\nexport AWS_ACCESS_KEY_ID=${ACCESS_KEY}\necho done\n`;
    const { code, stdout } = await scan({ 'app/deploy.sh': script }, 'fs -q app');
    expect(code).toBe(0);
    expect(stdout).toContain('│ deploy.sh │ text │        -        │    1    │');
    expect(stdout).toContain(
      `
deploy.sh (secrets)
===================
Total: 1 (UNKNOWN: 0, LOW: 0, MEDIUM: 0, HIGH: 0, CRITICAL: 1)

CRITICAL: AWS (aws-access-key-id)
════════════════════════════════════════
AWS Access Key ID
────────────────────────────────────────
 deploy.sh:3
────────────────────────────────────────
   1   #!/bin/sh
   2   
   3 [ export AWS_ACCESS_KEY_ID=********************
   4   echo done
   5   
────────────────────────────────────────
`,
    );
    expect(stdout).not.toContain(ACCESS_KEY);
  });

  test.each([
    ['aws-secret-access-key', `aws_secret_access_key = ${SECRET_KEY}\n`],
    ['github-pat', `token: "${GITHUB}"\n`],
    ['private-key', `# our key\n${PRIVATE_KEY}`],
  ])('finds %s', async (id, text) => {
    const { stdout } = await scan({ 'app/config': text }, 'fs -q -f json app');
    const { Results } = JSON.parse(stdout) as { Results: { Secrets: { RuleID: string }[] }[] };
    expect(Results.flatMap(({ Secrets }) => Secrets.map(({ RuleID }) => RuleID))).toEqual([id]);
    expect(stdout).not.toContain(SECRET_KEY);
    expect(stdout).not.toContain(GITHUB);
    expect(stdout).not.toContain('MIIEpAIBAAKCAQEA');
  });

  test.each([
    ['words', { 'app/x': 'password: hunter2\nAKIASHORT\nkey: value\n' }],
    ['examples', { 'app/x': `id=AKIAIOSFODNN7${EXAMPLE}\n` }],
    ['papers', { 'app/README.md': `token ${GITHUB}\n` }],
    ['tests', { 'app/keys_test.go': `"${GITHUB}"\n` }],
    ['programs', { 'app/x': `\0${GITHUB}\n` }],
  ])('takes %s for nothing secret', async (_, files) => {
    const { stdout, code } = await scan(files, 'fs -q --exit-code 1 app');
    expect(code).toBe(0);
    expect(stdout).toContain('│   -    │  -   │        -        │    -    │');
  });

  test('ends as it is told where it finds something, but for what is ignored or too slight', async () => {
    const files = { 'app/x': PRIVATE_KEY };
    expect((await scan(files, 'fs -q --exit-code 3 app')).code).toBe(3);
    expect((await scan(files, 'fs -q --exit-code 3 --severity CRITICAL app')).code).toBe(0);
    expect((await scan({ ...files, '.trivyignore': 'private-key\n' }, 'fs -q --exit-code 3 app')).code).toBe(0);
  });

  test('looks for misconfigurations when it is asked to', async () => {
    const files = { 'app/Dockerfile': 'FROM alpine:latest\n', 'app/notes.txt': 'apiVersion: v1\nkind: Pod\n' };
    const { stdout } = await scan(files, 'fs -q --scanners misconfig,secret app');
    expect(stdout).toContain('│ Dockerfile │ dockerfile │         3         │    -    │');
    expect(stdout).toContain("AVD-DS-0001 (MEDIUM): Specify a tag in the 'FROM' statement for image 'alpine'");
    expect(stdout).not.toContain('notes.txt');
  });

  test.each([
    ['fs --format sarif app', 'not simulated: trivy fs --format sarif; there are table, json\n'],
    ['repo https://github.com/x/y', 'not simulated: trivy repo of repositories elsewhere; there are folders\n'],
    ['fs --scanners license app', 'not simulated: trivy --scanners license; there are vuln, misconfig, secret\n'],
    ['fs -q app', 'not simulated: what is known against the packages of package-lock.json\n'],
    ['rootfs -q --scanners vuln app', 'not simulated: the packages of a machine\n'],
    ['fs nowhere', 'lstat nowhere: no such file or directory\n'],
  ])('%s is told what there is not', async (args, said) => {
    const { stderr } = await scan({ 'app/package-lock.json': '{}' }, args);
    expect(stderr).toContain(said);
  });

  test('takes a text full of beginnings in its stride', async () => {
    const text = `-----BEGIN PRIVATE ${KEY}-----\n${'A'.repeat(60)}\n`.repeat(20_000);
    expect((await scan({ 'app/x': text }, 'fs -q --exit-code 1 app')).code).toBe(0);
  });
});
