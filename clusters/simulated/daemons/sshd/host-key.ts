import ssh2 from 'ssh2';

/**
 * Makes an ed25519 host key in OpenSSH's private form, which is what ssh2 reads; about a millisecond. Of those that ssh2 makes it cannot
 * read one in 256: it drops the zeros at the beginning of a public key (lib/keygen.js). No sshd of the server would answer with such a one.
 */
export function makeSshHostKey(): string {
  for (;;) {
    const { private: key } = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return key;
  }
}
