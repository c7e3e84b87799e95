import { createPrivateKey, type KeyObject, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { z } from 'zod';

const HEADER = 'ENCRYPTED SIGSTORE PRIVATE KEY';
/** What cosign derives a key with: 64 MiB of memory (github.com/secure-systems-lab/go-securesystemslib, encrypted). */
const SCRYPT = { N: 65_536, r: 8, p: 1 };
const MAX_MEMORY = 128 * 1024 * 1024;

const Encrypted = z.object({
  kdf: z.object({
    name: z.literal('scrypt'),
    // Others' work factors would let a file decide how much memory the lab spends.
    params: z.object({ N: z.literal(SCRYPT.N), r: z.literal(SCRYPT.r), p: z.literal(SCRYPT.p) }),
    salt: z.base64(),
  }),
  cipher: z.object({ name: z.literal('nacl/secretbox'), nonce: z.base64() }),
  ciphertext: z.base64(),
});

const derive = promisify<string, Buffer, number, typeof SCRYPT & { maxmem: number }, Buffer>(scrypt);

/** A private key as cosign writes it: PKCS #8 in a secret box, in PEM. */
export async function writeKeyFile(key: KeyObject, password: string): Promise<string> {
  const salt = randomBytes(32);
  const nonce = randomBytes(24);
  const secret = await derive(password, salt, 32, { ...SCRYPT, maxmem: MAX_MEMORY });
  const plain = key.export({ type: 'pkcs8', format: 'der' });
  const ciphertext = xsalsa20poly1305(secret, nonce).encrypt(plain);
  const json = JSON.stringify({
    kdf: { name: 'scrypt', params: SCRYPT, salt: salt.toString('base64') },
    cipher: { name: 'nacl/secretbox', nonce: nonce.toString('base64') },
    ciphertext: Buffer.from(ciphertext).toString('base64'),
  });
  const lines =
    Buffer.from(json)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${HEADER}-----\n${lines.join('\n')}\n-----END ${HEADER}-----\n`;
}

export type OpenedKey =
  | { readonly outcome: 'opened'; readonly key: KeyObject }
  /** In cosign's words. */
  | { readonly outcome: 'failed'; readonly message: string };

/** Opens a file that `writeKeyFile`, or cosign itself, made. */
export async function openKeyFile(text: string, password: string): Promise<OpenedKey> {
  const body = new RegExp(`-----BEGIN (?:${HEADER}|ENCRYPTED COSIGN PRIVATE KEY)-----([^-]*)-----END`).exec(text)?.[1];
  if (body === undefined) return { outcome: 'failed', message: 'reading key: invalid pem block' };
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(body, 'base64').toString());
  } catch {
    return { outcome: 'failed', message: 'reading key: decrypt: invalid character' };
  }
  const parsed = Encrypted.safeParse(json);
  if (!parsed.success) return { outcome: 'failed', message: 'reading key: decrypt: unsupported key parameters' };
  const { kdf, cipher, ciphertext } = parsed.data;
  const nonce = Buffer.from(cipher.nonce, 'base64');
  if (nonce.length !== 24) return { outcome: 'failed', message: 'reading key: decrypt: unsupported key parameters' };
  const secret = await derive(password, Buffer.from(kdf.salt, 'base64'), 32, { ...SCRYPT, maxmem: MAX_MEMORY });
  try {
    const plain = xsalsa20poly1305(secret, nonce).decrypt(Buffer.from(ciphertext, 'base64'));
    return { outcome: 'opened', key: createPrivateKey({ key: Buffer.from(plain), type: 'pkcs8', format: 'der' }) };
  } catch {
    return { outcome: 'failed', message: 'reading key: decrypt: encrypted: decryption failed' };
  }
}
