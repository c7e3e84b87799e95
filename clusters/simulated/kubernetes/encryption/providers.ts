import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';

/** Encrypts and decrypts the bytes after a provider's prefix. `key` is the etcd key, authenticated where the cipher can. */
export interface Provider {
  readonly prefix: string;
  encrypt(plain: Buffer, key: string): Buffer;
  /** Throws when the bytes do not belong to it. */
  decrypt(bytes: Buffer, key: string): Buffer;
}

export interface NamedKey {
  readonly name: string;
  readonly secret: Buffer;
}

/** AES-CBC with PKCS#7 padding; the IV comes first (apiserver/pkg/storage/value/encrypt/aes/aes.go). */
export const aescbc = ({ name, secret }: NamedKey): Provider => {
  const cipher = `aes-${secret.length * 8}-cbc`;
  return {
    prefix: `k8s:enc:aescbc:v1:${name}:`,
    encrypt(plain) {
      const iv = randomBytes(16);
      const encryptor = createCipheriv(cipher, secret, iv);
      return Buffer.concat([iv, encryptor.update(plain), encryptor.final()]);
    },
    decrypt(bytes) {
      if (bytes.length < 16) throw new Error('the stored data was shorter than the required size');
      if (bytes.length % 16 !== 0) throw new Error('the stored data is not a multiple of the block size');
      const decryptor = createDecipheriv(cipher, secret, bytes.subarray(0, 16));
      try {
        return Buffer.concat([decryptor.update(bytes.subarray(16)), decryptor.final()]);
      } catch (error) {
        throw new Error('invalid padding on input', { cause: error });
      }
    },
  };
};

/** AES-GCM with a random nonce of 12 bytes first and the tag last; the etcd key is authenticated (aes.go gcm). */
export const aesgcm = ({ name, secret }: NamedKey): Provider => {
  const cipher = `aes-${secret.length * 8}-gcm` as 'aes-256-gcm';
  return {
    prefix: `k8s:enc:aesgcm:v1:${name}:`,
    encrypt(plain, key) {
      const nonce = randomBytes(12);
      const encryptor = createCipheriv(cipher, secret, nonce).setAAD(Buffer.from(key));
      return Buffer.concat([nonce, encryptor.update(plain), encryptor.final(), encryptor.getAuthTag()]);
    },
    decrypt(bytes, key) {
      if (bytes.length < 28) throw new Error('the stored data was shorter than the required size');
      const decryptor = createDecipheriv(cipher, secret, bytes.subarray(0, 12)).setAAD(Buffer.from(key));
      decryptor.setAuthTag(bytes.subarray(-16));
      try {
        return Buffer.concat([decryptor.update(bytes.subarray(12, -16)), decryptor.final()]);
      } catch (error) {
        throw new Error('cipher: message authentication failed', { cause: error });
      }
    },
  };
};

/** NaCl's secretbox: XSalsa20-Poly1305, the nonce of 24 bytes first (encrypt/secretbox/secretbox.go). */
export const secretbox = ({ name, secret }: NamedKey): Provider => ({
  prefix: `k8s:enc:secretbox:v1:${name}:`,
  encrypt(plain) {
    const nonce = randomBytes(24);
    return Buffer.concat([nonce, xsalsa20poly1305(secret, nonce).encrypt(plain)]);
  },
  decrypt(bytes) {
    if (bytes.length < 40) throw new Error('the stored data was shorter than the required size');
    try {
      return Buffer.from(xsalsa20poly1305(secret, bytes.subarray(0, 24)).decrypt(bytes.subarray(24)));
    } catch (error) {
      throw new Error('output array was not large enough for encryption', { cause: error });
    }
  },
});

/** Keeps the bytes as they are, and refuses ones that another provider wrote (encrypt/identity/identity.go). */
export const identity: Provider = {
  prefix: '',
  encrypt: (plain) => plain,
  decrypt(bytes) {
    if (bytes.subarray(0, 8).toString('latin1') === 'k8s:enc:') {
      throw new Error('identity transformer tried to read encrypted data');
    }
    return bytes;
  },
};
