import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { pem } from '../../../pki/der.ts';
import { ecPrivateKey, subjectPublicKeyInfo } from '../../../pki/ec-key.ts';

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export const newKeyPair = (): KeyPair => generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** `EC PRIVATE KEY` or `RSA PRIVATE KEY`, as kubeadm writes its keys. */
export function privateKeyPem(key: KeyObject): string {
  const ec = ecPrivateKey(key);
  if (ec) return pem('EC PRIVATE KEY', ec);
  return String(key.export({ type: key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1', format: 'pem' }));
}
export const publicKeyPem = (key: KeyObject): string => pem('PUBLIC KEY', subjectPublicKeyInfo(key));
