import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { workstation } from '../test-workstation.ts';
import { trivy } from './trivy.ts';

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

async function run(args: string, files: Readonly<Record<string, string>> = {}) {
  const host = resources.use(await workstation({ trivy }, files));
  const result = await host.call('trivy', args.split(' '));
  const read = async (path: string): Promise<string> => {
    const file = await host.readFile(path, { maxBytes: 1_000_000 });
    return file.outcome === 'read' ? file.content.toString() : file.outcome;
  };
  return { ...result, read, again: (more: string) => host.call('trivy', more.split(' ')) };
}

describe('trivy image', () => {
  test('draws what it found as the real one does, equal cells as one', async () => {
    const { stdout, code } = await run('image -q --severity HIGH,CRITICAL nginx:1.27-alpine');
    expect(code).toBe(0);
    expect(stdout).toBe(`
Report Summary

┌───────────────────────────────────┬────────┬─────────────────┬─────────┐
│              Target               │  Type  │ Vulnerabilities │ Secrets │
├───────────────────────────────────┼────────┼─────────────────┼─────────┤
│ nginx:1.27-alpine (alpine 3.21.3) │ alpine │        4        │    -    │
└───────────────────────────────────┴────────┴─────────────────┴─────────┘
Legend:
- '-': Not scanned
- '0': Clean (no security findings detected)


nginx:1.27-alpine (alpine 3.21.3)
=================================
Total: 4 (HIGH: 4, CRITICAL: 0)

┌────────────┬────────────────┬──────────┬────────┬───────────────────┬───────────────┬────────────────────────────────────────────────────────────┐
│  Library   │ Vulnerability  │ Severity │ Status │ Installed Version │ Fixed Version │                           Title                            │
├────────────┼────────────────┼──────────┼────────┼───────────────────┼───────────────┼────────────────────────────────────────────────────────────┤
│ libcrypto3 │ CVE-2025-9230  │ HIGH     │ fixed  │ 3.3.3-r0          │ 3.3.5-r0      │ openssl: Out-of-bounds read & write in RFC 3211 KEK Unwrap │
│            │                │          │        │                   │               │ https://avd.aquasec.com/nvd/cve-2025-9230                  │
├────────────┤                │          │        │                   │               │                                                            │
│ libssl3    │                │          │        │                   │               │                                                            │
│            │                │          │        │                   │               │                                                            │
├────────────┼────────────────┤          │        ├───────────────────┼───────────────┼────────────────────────────────────────────────────────────┤
│ libxml2    │ CVE-2025-32414 │          │        │ 2.13.4-r5         │ 2.13.4-r6     │ libxml2: Out-of-Bounds Read in libxml2                     │
│            │                │          │        │                   │               │ https://avd.aquasec.com/nvd/cve-2025-32414                 │
│            ├────────────────┤          │        │                   │               ├────────────────────────────────────────────────────────────┤
│            │ CVE-2025-32415 │          │        │                   │               │ libxml2: Out-of-bounds Read in xmlSchemaIDCFillNodeTables  │
│            │                │          │        │                   │               │ https://avd.aquasec.com/nvd/cve-2025-32415                 │
└────────────┴────────────────┴──────────┴────────┴───────────────────┴───────────────┴────────────────────────────────────────────────────────────┘
`);
  });

  test('leaves out what the filters leave out, and ends with --exit-code only when something is left', async () => {
    const ids = async (args: string, files = {}) => {
      const { stdout, code } = await run(`image -q -f json --exit-code 5 ${args}`, files);
      const { Results } = JSON.parse(stdout) as { Results: { Vulnerabilities?: { VulnerabilityID: string }[] }[] };
      return [code, ...new Set(Results.flatMap((one) => one.Vulnerabilities ?? []).map((one) => one.VulnerabilityID))];
    };
    expect(await ids('--severity CRITICAL nginx:1.27')).toEqual([5, 'CVE-2023-6879', 'CVE-2023-45853']);
    expect(await ids('--severity CRITICAL --ignore-unfixed nginx:1.27')).toEqual([0]);
    expect(
      await ids('--severity CRITICAL nginx:1.27', { '/root/.trivyignore': 'CVE-2023-45853 # ours\nCVE-2023-6879\n' }),
    ).toEqual([0]);
    expect(await ids('--severity CRITICAL --pkg-types os redis:7.4.1-alpine')).toEqual([0]);
    expect(await ids('--severity CRITICAL --pkg-types library redis:7.4.1-alpine')).toContain('CVE-2024-24790');
    expect(await ids('--severity HIGH,CRITICAL alpine:3.22')).toEqual([0]);
  });

  test('tells what it scanned on standard error, and that a distribution is out of support', async () => {
    const { stderr } = await run('image alpine:3.20');
    expect(stderr).toContain('2026-11-23T09:00:00Z\tINFO\tDetected OS\tfamily="alpine" version="3.20.3"\n');
    expect(stderr).toContain('WARN\tThis OS version is no longer supported by the distribution\tfamily="alpine"');
    expect((await run('image -q alpine:3.20')).stderr).toBe('');
  });

  test.each([
    ['image nope:1.0', 'unable to find the specified image "nope:1.0" in ["docker" "containerd" "podman" "remote"]'],
    ['image nginx:9.99', 'remote error: GET https://index.docker.io/v2/library/nginx/manifests/9.99: UNAUTHORIZED'],
    ['image nginx:latest', 'not simulated: the packages of nginx:latest; known are those of nginx:1.14.2'],
    ['image --severity EXTREME alpine', 'invalid argument "EXTREME" for "--severity" flag'],
    ['image --scanners misconfig alpine', 'not simulated: trivy --scanners misconfig'],
    ['image --frobnicate alpine', 'not simulated: trivy image --frobnicate'],
    ['image -o /nowhere/a.json -f json alpine', 'open /nowhere/a.json: no such file or directory'],
    ['k8s --report summary', 'not simulated: trivy k8s'],
    ['scan alpine', 'unknown command "scan" for "trivy"'],
  ])('refuses %s in words', async (args, words) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(words);
  });

  test('says in its version that it is a model', async () => {
    expect((await run('--version')).stdout).toContain("Breachlab's model");
  });

  test('finds the same in an image and in its bill of materials, whatever the format', async () => {
    const found = (stdout: string) =>
      (
        JSON.parse(stdout) as { Results: { Vulnerabilities?: { VulnerabilityID: string; PkgName: string }[] }[] }
      ).Results.flatMap((one) =>
        (one.Vulnerabilities ?? []).map(({ VulnerabilityID, PkgName }) => `${VulnerabilityID} ${PkgName}`),
      );
    const image = await run('image -q -f json postgres:16.4');
    const expected = found(image.stdout);
    expect(expected.length).toBeGreaterThan(30);
    for (const format of ['cyclonedx', 'spdx-json', 'spdx']) {
      expect(await image.again(`image -q -f ${format} -o sbom postgres:16.4`)).toMatchObject({ code: 0, stdout: '' });
      expect(found((await image.again('sbom -q -f json sbom')).stdout)).toEqual(expected);
    }
  });

  test.each([
    ['sbom -q gone.json', {}, 'open gone.json: no such file or directory'],
    ['sbom -q junk', { '/root/junk': '\u0000\u0001{' }, 'failed to detect SBOM format'],
    ['sbom -q list', { '/root/list': '[1, 2]' }, 'failed to detect SBOM format'],
  ])('%s fails as on any file that is none', async (args, files, words) => {
    expect(await run(args, files)).toMatchObject({ code: 1, stderr: expect.stringContaining(words) });
  });

  test('SARIF has one rule an advisory and one result a package', async () => {
    const { runs } = JSON.parse((await run('image -q -f sarif nginx:1.27-alpine')).stdout) as {
      runs: { tool: { driver: { rules: unknown[] } }; results: unknown[] }[];
    };
    expect(runs[0]?.tool.driver.rules).toHaveLength(7);
    expect(runs[0]?.results).toHaveLength(14);
  });
});
