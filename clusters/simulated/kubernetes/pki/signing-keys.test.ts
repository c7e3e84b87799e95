import { createPrivateKey, createPublicKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { type SigningKey, SigningKeys } from './signing-keys.ts';

test('each lab gets a key of its own, as kubeadm writes it, also when many start at once', async () => {
  const keys = new SigningKeys();
  const take = (): Promise<SigningKey> => keys.forLab((key) => key);
  const taken = [await take(), ...(await Promise.all([take(), take(), take()])), await take()];
  expect(new Set(taken.map(({ privateKey }) => privateKey)).size).toBe(5);
  for (const { privateKey, publicKey } of taken) {
    expect(privateKey).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
    expect(createPrivateKey(privateKey).asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(createPublicKey(privateKey).export({ type: 'spki', format: 'pem' })).toBe(publicKey);
  }
});

test('a lab that fails to start, and never asked for its key, leaves the next one a key', async () => {
  const keys = new SigningKeys();
  await expect(keys.forLab(() => Promise.reject(new Error('no hosts')))).rejects.toThrow('no hosts');
  await expect(keys.forLab((key) => key)).resolves.toHaveProperty('publicKey');
});
