import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bom } from '../bom/bom.ts';
import { syft } from '../syft/syft.ts';
import { workstation } from '../test-workstation.ts';
import { readBill } from './read-bill.ts';

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

async function machine(files: Readonly<Record<string, string>> = {}) {
  const host = resources.use(await workstation({ bom, syft }, files));
  return {
    run: (line: string) => {
      const [name = '', ...args] = line.split(' ');
      return host.call(name, args);
    },
    read: async (path: string) => {
      const file = await host.readFile(path, { maxBytes: 1_000_000 });
      return file.outcome === 'read' ? file.content.toString() : file.outcome;
    },
  };
}

describe('bom', () => {
  test('generates an SPDX document in which a package is found by its version', async () => {
    const { run, read } = await machine();
    const made = await run('bom generate --image alpine:3.20 --format json --output /root/alpine.spdx');
    expect(made).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('Generating SPDX Bill of Materials'),
    });
    const document = JSON.parse(await read('/root/alpine.spdx')) as {
      spdxVersion: string;
      packages: { name: string; versionInfo?: string; SPDXID: string }[];
      relationships: { relatedSpdxElement: string }[];
    };
    expect(document.spdxVersion).toBe('SPDX-2.3');
    expect(document.packages.find(({ name }) => name === 'libcrypto3')?.versionInfo).toBe('3.3.2-r0');
    const ids = document.packages.map(({ SPDXID }) => SPDXID);
    expect(new Set(ids).size).toBe(ids.length);
    expect(document.relationships.map((one) => one.relatedSpdxElement).toSorted()).toEqual(ids.toSorted());
  });

  test('writes tags and values by default, with what a document must have', async () => {
    const { run } = await machine();
    const { stdout } = await run('bom generate -i registry.k8s.io/pause:3.10');
    expect(stdout).toMatch(
      /^SPDXVersion: SPDX-2\.3\nDataLicense: CC0-1\.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: SBOM-SPDX-/,
    );
    expect(stdout).toContain('Creator: Organization: Kubernetes Release Engineering\n');
    expect(stdout).toContain('\nPackageName: registry.k8s.io/pause:3.10\n');
  });

  test.each(['json', 'tag-value'])('outlines a %s document', async (format) => {
    const { run } = await machine();
    await run(`bom generate -i alpine:3.20 --name lab --format ${format} -o sbom`);
    const { stdout } = await run('bom document outline sbom');
    expect(stdout).toContain(' 📂 SPDX Document lab\n  │ \n  │ 📦 DESCRIBES 1 Packages\n');
    expect(stdout).toContain('  ├ alpine:3.20\n  │  │ 🔗 15 Relationships\n  │  ├ CONTAINS PACKAGE alpine@3.20.3\n');
    expect(stdout).toContain('CONTAINS PACKAGE libssl3@3.3.2-r0\n');
    expect((await run('bom document outline --depth 0 sbom')).stdout).not.toContain('libssl3');
  });

  test('an outline of a document that goes in circles ends', async () => {
    const circle =
      'SPDXVersion: SPDX-2.3\nDocumentName: c\nPackageName: a\nSPDXID: A\nRelationship: SPDXRef-DOCUMENT DESCRIBES A\nRelationship: A CONTAINS A\nRelationship: A CONTAINS A\n';
    const { run } = await machine({ '/root/circle': circle });
    expect((await run('bom document outline circle')).stdout.split('\n').length).toBeLessThan(6000);
  });

  test.each([
    ['bom generate', 'at least one image or file'],
    ['bom generate -i nope:1', 'MANIFEST_UNKNOWN'],
    ['bom generate -i nginx:latest', 'not simulated: the packages of nginx:latest'],
    ['bom generate .', 'not simulated: bom generate of folders'],
    ['bom generate -i alpine --format xml', 'unknown format provided'],
    ['bom document query x', 'not simulated: bom document'],
    ['bom document outline gone', 'open gone: no such file or directory'],
    ['bom document outline junk', 'unable to detect document encoding'],
  ])('refuses %s in words', async (line, words) => {
    const { run } = await machine({ '/root/junk': 'no SPDX' });
    expect(await run(line)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(words) });
  });
});

describe('syft', () => {
  test('lists packages as a table, programs with their modules too', async () => {
    const { run } = await machine();
    const { stdout } = await run('syft redis:7.4.1-alpine');
    expect(stdout).toMatch(/^NAME +VERSION +TYPE\nalpine-baselayout +3\.6\.5-r0 +apk\n/);
    expect(stdout).toMatch(/^stdlib +v1\.18\.2 +go-module$/m);
    expect((await run('syft busybox:1.36')).stdout).toBe('No packages discovered\n');
  });

  test('writes each format that is asked for where it is asked for, with the same packages', async () => {
    const { run, read } = await machine();
    const formats = ['spdx-json', 'spdx-tag-value', 'cyclonedx-json'];
    await run(`syft scan nginx:1.27.0 ${formats.map((one) => `-o ${one}=${one}`).join(' ')}`);
    const bills = await Promise.all(formats.map(async (one) => readBill(await read(`/root/${one}`))));
    expect(bills[0]?.contents.packages.length).toBeGreaterThan(20);
    for (const bill of bills) expect(bill?.contents).toEqual(bills[0]?.contents);
  });

  test.each([
    ['syft nope:1', 'MANIFEST_UNKNOWN'],
    ['syft dir:.', 'not simulated: syft dir:.'],
    ['syft alpine -o xml', 'not simulated: syft --output xml'],
    ['syft', 'an image/directory argument is required'],
  ])('refuses %s in words', async (line, words) => {
    const { run } = await machine();
    expect(await run(line)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(words) });
  });
});
