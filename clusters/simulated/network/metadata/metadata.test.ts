import { describe, expect, it } from 'vitest';
import { instanceData, lookUp } from './instance-data.ts';
import { Tokens } from './tokens.ts';

const HOUR = 3_600_000;
const NODE = { name: 'node01', address: '10.10.0.11' };

describe('what the metadata service tells', () => {
  const tree = instanceData(NODE, 'secret', 0);

  it.each([
    ['', 'dynamic/\nmeta-data/'],
    ['meta-data/iam/', 'info\nsecurity-credentials/'],
    ['meta-data/local-ipv4', '10.10.0.11'],
    ['meta-data//local-ipv4', '10.10.0.11'],
    ['meta-data/local-ipv4/more', undefined],
    ['meta-data/nothing', undefined],
    ['constructor', undefined],
  ])('at /latest/%s', (path, found) => {
    expect(lookUp(tree, path)).toBe(found);
  });

  it('has keys that change every hour, and are others in another lab', () => {
    const path = 'meta-data/iam/security-credentials/breachlab-node-role';
    const keys = (secret: string, now: number): string | undefined => lookUp(instanceData(NODE, secret, now), path);
    expect(keys('secret', HOUR - 1)).toBe(keys('secret', 0));
    expect(keys('secret', HOUR)).not.toBe(keys('secret', 0));
    expect(keys('other', 0)).not.toBe(keys('secret', 0));
  });
});

describe('sessions of the metadata service', () => {
  it('end with their time, and the oldest when there are too many', () => {
    let now = 0;
    let made = 0;
    const tokens = new Tokens(
      () => `t${made++}`,
      () => now,
    );
    const first = tokens.issue(10);
    expect(tokens.isValid(first)).toBe(true);
    expect(tokens.isValid('guess')).toBe(false);
    now = 10_000;
    expect(tokens.isValid(first)).toBe(false);
    const second = tokens.issue(10);
    for (let i = 0; i < 200; i++) tokens.issue(10);
    expect(tokens.isValid(second)).toBe(false);
  });
});
