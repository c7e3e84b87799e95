import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { newEncodedKey, newSigningKey, subjectPublicKeyInfo } from './ec-key.ts';

const hex = (bytes: Buffer): string => bytes.toString('hex');

test('public P-256 keys are written byte for byte as OpenSSL writes them, leading zeros too', () => {
  // One key in 128 has a coordinate that begins with a zero byte.
  for (let i = 0; i < 300; i++) {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(hex(subjectPublicKeyInfo(publicKey))).toBe(hex(publicKey.export({ type: 'spki', format: 'der' })));
  }
});

test.each([
  ['P-384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ['RSA', () => generateKeyPairSync('rsa', { modulusLength: 1024 })],
  ['Ed25519', () => generateKeyPairSync('ed25519')],
])('%s keys are left to OpenSSL', (_kind, generate) => {
  const { publicKey } = generate();
  expect(hex(subjectPublicKeyInfo(publicKey))).toBe(hex(publicKey.export({ type: 'spki', format: 'der' })));
});

test('a fresh key is one that OpenSSL writes back the same, and its public half belongs to it', () => {
  for (let i = 0; i < 300; i++) {
    for (const made of [newEncodedKey(), newSigningKey()]) {
      const read = createPrivateKey({ key: made.privateKey, format: 'der', type: 'sec1' });
      expect(hex(made.privateKey)).toBe(hex(read.export({ type: 'sec1', format: 'der' })));
      expect(hex(made.publicKey)).toBe(hex(createPublicKey(read).export({ type: 'spki', format: 'der' })));
    }
  }
});
