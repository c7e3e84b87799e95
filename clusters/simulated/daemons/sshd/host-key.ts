import ssh2 from 'ssh2';

/** Makes an ed25519 host key in OpenSSH's private form, which is what ssh2 reads; about a millisecond. */
export function makeSshHostKey(): string {
  return ssh2.utils.generateKeyPairSync('ed25519').private;
}
