import { expect, test } from 'vitest';
import { ALPINE_ADVISORIES } from '../advisories/alpine.ts';
import { DEBIAN_ADVISORIES } from '../advisories/debian.ts';
import { GO_ADVISORIES } from '../advisories/go.ts';
import { branchOf, goVulnerabilities, osVulnerabilities } from '../advisories/vulnerabilities.ts';
import { digestOf } from '../digest.ts';
import { IMAGES } from '../table.ts';
import { findContents } from './find-contents.ts';

const ALL = IMAGES.flatMap(({ repository, tags, contents = {} }) =>
  Object.entries(contents).map(([tag, ofTag]) => ({ repository, tags, tag, contents: ofTag })),
);

test('contents belong to tags that can be pulled, and distributions have advisories and an end', () => {
  expect(ALL.length).toBeGreaterThan(20);
  for (const { repository, tags, tag, contents } of ALL) {
    expect(tags, `${repository}:${tag}`).toContain(tag);
    const { os, packages } = contents;
    expect(packages.length > 0, `${repository}:${tag}`).toBe(os !== undefined);
    if (os === undefined) continue;
    expect({ ...ALPINE_ADVISORIES, ...DEBIAN_ADVISORIES }).toHaveProperty([branchOf(os)]);
    expect(os.endOfLife).toMatch(/^20\d\d-\d\d-\d\d$/);
  }
});

test('advisories name real ids once a source, and each is of a package of some image', () => {
  const sources = new Set(
    ALL.flatMap(({ contents }) => [...contents.packages, ...contents.binaries.flatMap(({ modules }) => modules)]).map(
      ({ source }) => source,
    ),
  );
  const branches = [...Object.values(ALPINE_ADVISORIES), ...Object.values(DEBIAN_ADVISORIES), GO_ADVISORIES];
  for (const branch of branches) {
    const keys = branch.map(({ id, source }) => `${id} ${source}`);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { id, source } of branch) {
      expect(id).toMatch(/^CVE-20\d\d-\d{4,}$/);
      expect(sources).toContain(source);
    }
  }
});

test('tags of nginx differ in their critical vulnerabilities, so that the best can be chosen', () => {
  const critical = (tag: string): number => {
    const found = findContents(IMAGES, `nginx:${tag}`);
    if (found.outcome !== 'found') throw new Error(`${tag} has no contents`);
    const { contents } = found;
    return [
      ...osVulnerabilities(contents),
      ...contents.binaries.flatMap(({ modules }) => goVulnerabilities(modules)),
    ].filter(({ advisory }) => advisory.severity === 'CRITICAL').length;
  };
  const counts = ['1.16.1', '1.25', '1.27', '1.27-alpine'].map(critical);
  expect(counts).toEqual(counts.toSorted((a, b) => b - a));
  expect(new Set(counts).size).toBe(4);
  expect(counts.at(-1)).toBe(0);
});

test.each([
  // As trivy told of them in December 2025, of 3.18.3 those of openssl: docker-alpine's users post such scans.
  ['3.22.2', 'busybox', ['CVE-2024-58251 MEDIUM', 'CVE-2025-46394 LOW']],
  ['3.21.5', 'ssl_client', ['CVE-2024-58251 MEDIUM', 'CVE-2025-46394 LOW']],
  ['3.22.2', 'libcrypto3', []],
  [
    '3.19.1',
    'busybox-binsh',
    [
      ...['2023-42363', '2023-42364', '2023-42365', '2023-42366', '2024-58251'].map((number) => `CVE-${number} MEDIUM`),
      'CVE-2025-46394 LOW',
    ],
  ],
  [
    '3.18.3',
    'libcrypto3',
    [
      ...['2023-5363', '2024-6119'].map((number) => `CVE-${number} HIGH`),
      ...['2023-5678', '2023-6129', '2023-6237', '2024-0727', '2024-13176', '2024-4603', '2024-4741', '2024-5535'].map(
        (number) => `CVE-${number} MEDIUM`,
      ),
      ...['2024-2511', '2024-9143'].map((number) => `CVE-${number} LOW`),
    ],
  ],
])('alpine:%s has in %s what published scans tell', (tag, name, expected) => {
  const found = findContents(IMAGES, `alpine:${tag}`);
  if (found.outcome !== 'found') throw new Error(`${tag} has no contents`);
  const told = osVulnerabilities(found.contents)
    .filter((one) => one.package.name === name)
    .map(({ advisory }) => `${advisory.id} ${advisory.severity}`);
  expect(told).toEqual(expected);
});

test('redis:7.4.1-alpine has in its gosu what a published scan counts: 31 HIGH, 3 CRITICAL', () => {
  const found = findContents(IMAGES, 'redis:7.4.1-alpine');
  if (found.outcome !== 'found') throw new Error('it has no contents');
  const severities = found.contents.binaries
    .flatMap(({ modules }) => goVulnerabilities(modules))
    .filter(({ advisory }) => advisory.id < 'CVE-2025')
    .map(({ advisory }) => advisory.severity);
  const count = (wanted: string) => severities.filter((one) => one === wanted).length;
  expect([count('HIGH'), count('CRITICAL')]).toEqual([31, 3]);
});

test('every advisory has a title and a severity', () => {
  const branches = [...Object.values(ALPINE_ADVISORIES), ...Object.values(DEBIAN_ADVISORIES), GO_ADVISORIES];
  const bare = branches.flat().filter(({ title, severity }) => title === '' || severity === 'UNKNOWN');
  expect(bare.map(({ id }) => id)).toEqual([]);
});

test('a digest finds the tag that it is of, and no other', () => {
  const digest = digestOf('nginx', '1.25');
  expect(findContents(IMAGES, `docker.io/library/nginx@${digest}`)).toMatchObject({ outcome: 'found', tag: '1.25' });
  expect(findContents(IMAGES, `redis@${digest}`)).toEqual({ outcome: 'absent' });
  expect(findContents(IMAGES, 'nginx:latest')).toEqual({ outcome: 'unknown' });
});
