import { createDecipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readEncryptionConfiguration } from './configuration.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const PATH = '/etc/kubernetes/enc.yaml';
const PLAIN = Buffer.from('k8s\0 hello');
const ETCD_KEY = '/registry/secrets/shop/db';
const SECRETS = { group: '', plural: 'secrets' };

const config = (providers: string, resources = 'secrets'): string =>
  `apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n- resources: ["${resources}"]\n  providers: ${providers}\n`;
const transformerOf = (text: string, resource = SECRETS) => {
  const built = readEncryptionConfiguration(PATH, text);
  if ('failed' in built) throw new Error(built.failed);
  const found = built.ok.transformerFor(resource);
  if (found === undefined) throw new Error('stored plain');
  return found;
};
const one = (kind: string): string => `[{${kind}: {keys: [{name: key1, secret: "${KEY}"}]}}, {identity: {}}]`;

describe('encryption at rest', () => {
  it.each(['aescbc', 'aesgcm', 'secretbox'])('writes %s behind its prefix and reads it back', (kind) => {
    const transformer = transformerOf(config(one(kind)));
    const stored = transformer.toStorage(ETCD_KEY, PLAIN);
    const prefix = `k8s:enc:${kind}:v1:key1:`;
    expect(stored.subarray(0, prefix.length).toString()).toBe(prefix);
    expect(stored.includes('hello')).toBe(false);
    expect(transformer.fromStorage(ETCD_KEY, stored)).toEqual({ plain: PLAIN, stale: false });
  });

  it('is real AES-CBC', () => {
    const stored = transformerOf(config(one('aescbc'))).toStorage(ETCD_KEY, PLAIN);
    const bytes = stored.subarray('k8s:enc:aescbc:v1:key1:'.length);
    const decipher = createDecipheriv('aes-256-cbc', Buffer.alloc(32, 7), bytes.subarray(0, 16));
    expect(Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()])).toEqual(PLAIN);
  });

  it('reads what was stored plain before, and calls it stale', () => {
    expect(transformerOf(config(one('aesgcm'))).fromStorage(ETCD_KEY, PLAIN)).toEqual({ plain: PLAIN, stale: true });
  });

  it('binds aesgcm to the key it lies under', () => {
    const transformer = transformerOf(config(one('aesgcm')));
    const stored = transformer.toStorage(ETCD_KEY, PLAIN);
    expect(() => transformer.fromStorage('/registry/secrets/shop/other', stored)).toThrow(
      'cipher: message authentication failed',
    );
  });

  it('cannot read encrypted bytes with identity alone', () => {
    const stored = transformerOf(config(one('aescbc'))).toStorage(ETCD_KEY, PLAIN);
    expect(() => transformerOf(config('[{identity: {}}]')).fromStorage(ETCD_KEY, stored)).toThrow(
      'identity transformer tried to read encrypted data',
    );
  });

  it.each([
    ['secrets', SECRETS, true],
    ['secrets', { group: '', plural: 'configmaps' }, false],
    ['*.apps', { group: 'apps', plural: 'deployments' }, true],
    ['*.apps', SECRETS, false],
    ['*.', SECRETS, true],
    ['*.*', { group: 'apps', plural: 'deployments' }, true],
  ])('%s matches %j: %s', (name, resource, matches) => {
    const built = readEncryptionConfiguration(PATH, config(one('aescbc'), name));
    expect('ok' in built && built.ok.transformerFor(resource) !== undefined).toBe(matches);
  });

  it.each([
    [
      undefined,
      `error while parsing file: error opening encryption provider configuration file "${PATH}": open ${PATH}: no such file or directory`,
    ],
    ['kind: Pod\napiVersion: v1', 'no kind "Pod" is registered for version "v1"'],
    [
      config(`[{aescbc: {keys: [{name: key1, secret: c2hvcnQ=}]}}]`),
      'secret is not of the expected length, got 5, expected one of [16 24 32]',
    ],
    [config('[{kms: {name: x}}]'), 'not simulated:'],
    [config('[]'), 'resources[0].providers: Required value: at least one item must be listed'],
    [config('[{aescbc: {keyz: []}}]'), 'unknown field "resources[0].providers[0].aescbc.keyz"'],
  ])('refuses a bad configuration in words', (text, words) => {
    const built = readEncryptionConfiguration(PATH, text);
    expect('failed' in built ? built.failed : '').toContain(words);
  });
});
