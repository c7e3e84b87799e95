import type { HelpPages } from '../help.ts';

const KEY = 'path to the key file';

/** github.com/sigstore/cosign, doc/. */
export const COSIGN_HELP: HelpPages = {
  '': {
    about: 'A tool for Container Signing, Verification and Storage in an OCI registry.',
    usage: 'cosign [command]',
    commands: {
      'generate-key-pair': 'Generates a key-pair.',
      'public-key': 'Gets a public key from the key-pair.',
      'sign-blob': 'Sign the supplied blob, outputting the base64-encoded signature to stdout.',
      triangulate: 'Outputs the located cosign image reference.',
      verify: 'Verify a signature on the supplied container image',
      'verify-blob': 'Verify a signature on the supplied blob',
      version: 'Prints the version',
    },
    flags: {},
  },
  'generate-key-pair': {
    about: 'Generates a key-pair.',
    usage: 'cosign generate-key-pair [flags]',
    examples: '  # generate key-pair and write to cosign.key and cosign.pub files\n  cosign generate-key-pair\n',
    flags: { '--output-key-prefix string': 'name used for generated .pub and .key files (default "cosign")' },
  },
  'public-key': {
    about: 'Gets a public key from the key-pair.',
    usage: 'cosign public-key --key <key path> [flags]',
    flags: { '--key string': KEY, '--outfile string': 'path to a payload file to use rather than generating one' },
  },
  'sign-blob': {
    about: 'Sign the supplied blob, outputting the base64-encoded signature to stdout.',
    usage: 'cosign sign-blob --key <key path> <blob> [flags]',
    examples: '  # sign a blob with a local key pair file\n  cosign sign-blob --key cosign.key <FILE>\n',
    flags: {
      '--b64': 'whether to base64 encode the output (default true)',
      '--key string': KEY,
      '--output string': 'write the signature to FILE',
      '--output-signature string': 'write the signature to FILE',
      '--tlog-upload': 'whether or not to upload to the tlog, which there is none of here',
      '-y, --yes': 'skip confirmation prompts for non-destructive operations',
    },
  },
  triangulate: {
    about: 'Outputs the located cosign image reference.',
    usage: 'cosign triangulate <image uri>',
    flags: {},
  },
  verify: {
    about: 'Verify a signature on the supplied container image',
    usage: 'cosign verify --key <key path> <image uri> [flags]',
    examples: `  # verify image with an on-disk public key
  cosign verify --key cosign.pub <IMAGE>

  # verify the signer of an image
  cosign verify --certificate-identity=name@example.com --certificate-oidc-issuer=https://accounts.example.com <IMAGE>
`,
    flags: {
      '--certificate-identity string': 'the identity expected in a valid Fulcio certificate',
      '--certificate-identity-regexp string': 'a regular expression alternative to --certificate-identity',
      '--certificate-oidc-issuer string': 'the OIDC issuer expected in a valid Fulcio certificate',
      '--certificate-oidc-issuer-regexp string': 'a regular expression alternative to --certificate-oidc-issuer',
      '--check-claims': 'whether to check the claims found (default true)',
      '--insecure-ignore-tlog': 'ignore transparency log verification',
      '--key string': KEY,
      '-o, --output string': 'output format for the signing image information (json|text) (default "json")',
      '--private-infrastructure':
        'skip transparency log verification when verifying artifacts in a privately deployed infrastructure',
    },
  },
  'verify-blob': {
    about: 'Verify a signature on the supplied blob',
    usage: 'cosign verify-blob --key <key path> --signature <sig> <blob> [flags]',
    flags: {
      '--insecure-ignore-tlog': 'ignore transparency log verification',
      '--key string': KEY,
      '--private-infrastructure':
        'skip transparency log verification when verifying artifacts in a privately deployed infrastructure',
      '--signature string': 'signature content or path or remote URL',
    },
  },
};
