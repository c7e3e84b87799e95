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

test('a digest finds the tag that it is of, and no other', () => {
  const digest = digestOf('nginx', '1.25');
  expect(findContents(IMAGES, `docker.io/library/nginx@${digest}`)).toMatchObject({ outcome: 'found', tag: '1.25' });
  expect(findContents(IMAGES, `redis@${digest}`)).toEqual({ outcome: 'absent' });
  expect(findContents(IMAGES, 'nginx:latest')).toEqual({ outcome: 'unknown' });
});
