import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestOf } from '../../images/digest.ts';
import { workstation } from '../test-workstation.ts';
import { COSIGN, cosign } from './cosign.ts';

const SHOP = 'registry.breachlab.internal/shop/payments';
const K8S = 'registry.k8s.io/kube-apiserver:v1.35.0';
const IDENTITY = '--certificate-identity krel-trust@k8s-releng-prod.iam.gserviceaccount.com';
const ISSUER = '--certificate-oidc-issuer https://accounts.google.com';

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

async function machine(files: Readonly<Record<string, string>> = {}) {
  const release = Object.fromEntries((COSIGN.files ?? []).map(({ path, data }) => [path, String(data)]));
  const host = resources.use(
    await workstation({ cosign }, { '/etc/cosign/release.pub': release['/etc/cosign/release.pub'] ?? '', ...files }),
  );
  return {
    host,
    run: (line: string, stdin = '') => host.call('cosign', line.split(' '), { stdin }),
  };
}

describe('cosign verify', () => {
  test("accepts the shop's signed image by its key, by tag and by digest, and shows what was signed", async () => {
    const { run } = await machine();
    const { code, stdout, stderr } = await run(
      `verify --key /etc/cosign/release.pub --insecure-ignore-tlog=true ${SHOP}:1.4.0`,
    );
    expect(code).toBe(0);
    expect(stderr).toContain(`Verification for ${SHOP}:1.4.0 --\n`);
    expect(stderr).toContain('  - The signatures were verified against the specified public key\n');
    const digest = digestOf(SHOP, '1.4.0');
    expect(JSON.parse(stdout)).toEqual([
      {
        critical: {
          identity: { 'docker-reference': SHOP },
          image: { 'docker-manifest-digest': digest },
          type: 'cosign container image signature',
        },
        optional: null,
      },
    ]);
    expect((await run(`verify --key /etc/cosign/release.pub ${SHOP}@${digest}`)).code).toBe(0);
  });

  test.each([
    [
      'another key signed',
      `--key /etc/cosign/release.pub ${SHOP}:1.4.1`,
      12,
      'no matching signatures: invalid signature when validating ASN.1',
    ],
    ['nobody signed', `--key /etc/cosign/release.pub ${SHOP}:1.5.0-rc1`, 10, 'Error: no signatures found\n'],
    ['nobody signed, of Docker Hub', '--key /etc/cosign/release.pub nginx:1.27', 10, 'no signatures found'],
    ['is not there', `--key /etc/cosign/release.pub ${SHOP}:9.9`, 11, 'image tag not found'],
    ['an identity signed, by key', `--key /etc/cosign/release.pub ${K8S}`, 12, 'no matching signatures'],
    ['a key signed, by identity', `${IDENTITY} ${ISSUER} ${SHOP}:1.4.0`, 12, 'no certificate found on signature'],
    [
      'another identity signed',
      `--certificate-identity me@example.com ${ISSUER} ${K8S}`,
      12,
      'got subjects [krel-trust@',
    ],
    ['is trusted by a bad expression', `--certificate-identity-regexp ( ${ISSUER} ${K8S}`, 1, 'malformed subject'],
    ['is trusted by nothing', K8S, 1, '--certificate-identity or --certificate-identity-regexp is required'],
    [
      'is checked with a key that is not there',
      `--key gone.pub ${SHOP}:1.4.0`,
      1,
      'open gone.pub: no such file or directory',
    ],
    ['is checked with no key', `--key /root/junk ${SHOP}:1.4.0`, 1, 'PEM decoding failed'],
  ])('refuses an image that %s', async (_, args, code, words) => {
    const { run } = await machine({ '/root/junk': 'junk' });
    expect(await run(`verify ${args}`)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(words) });
  });

  test('accepts an identity of the image table, and says what it did not check', async () => {
    const { run } = await machine();
    const result = await run(`verify ${IDENTITY} ${ISSUER} ${K8S}`);
    expect(result).toMatchObject({ code: 0, stderr: expect.stringContaining('not simulated: certificates') });
    expect((await run(`verify --certificate-identity-regexp ^krel-trust@ ${ISSUER} ${K8S}`)).code).toBe(0);
  });

  test("a learner's own key is no key of the shop", async () => {
    const { run } = await machine();
    await run('generate-key-pair', 'secret\n');
    expect(await run(`verify --key cosign.pub ${SHOP}:1.4.0`)).toMatchObject({ code: 12 });
  });
});

describe('keys and files', () => {
  test('a file is verified by the pair that signed it, and no more once it has changed', async () => {
    const { run, host } = await machine({ '/root/policy.yaml': 'kind: Policy\n' });
    expect((await run('generate-key-pair', 'secret\n')).stderr).toContain('Private key written to cosign.key');
    expect((await run('sign-blob --key cosign.key --output-signature policy.sig policy.yaml', 'secret\n')).code).toBe(
      0,
    );
    const check = 'verify-blob --key cosign.pub --signature policy.sig policy.yaml';
    expect(await run(check)).toMatchObject({ code: 0, stderr: expect.stringContaining('Verified OK') });
    await host.write('/root/policy.yaml', 'kind: Other\n');
    expect(await run(check)).toMatchObject({ code: 1, stderr: expect.stringContaining('failed to verify signature') });
  });

  test('a private key opens with its password only, and is the public one of its pair', async () => {
    const { run, host } = await machine();
    await run('generate-key-pair --output-key-prefix mine', 'secret\n');
    expect(await run('public-key --key mine.key', 'guess\n')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('decryption failed'),
    });
    const file = await host.readFile('/root/mine.pub', { maxBytes: 1000 });
    expect((await run('public-key --key mine.key', 'secret\n')).stdout).toBe(
      file.outcome === 'read' ? String(file.content) : '',
    );
    expect(await host.readFile('/root/mine.key', { maxBytes: 5000 })).toMatchObject({ outcome: 'read', mode: 0o600 });
  });

  test('triangulate names the tag under which signatures lie', async () => {
    const { run } = await machine();
    const digest = digestOf('nginx', '1.27').replace(':', '-');
    expect((await run('triangulate nginx:1.27')).stdout).toBe(`index.docker.io/library/nginx:${digest}.sig\n`);
  });

  test('what is not modelled is refused in words', async () => {
    const { run } = await machine();
    expect((await run('sign --key cosign.key nginx')).stderr).toContain('not simulated: cosign sign');
    expect((await run('version')).stdout).toContain("Breachlab's");
  });
});
