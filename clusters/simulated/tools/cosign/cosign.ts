import { RE2JS } from 're2js';
import type { Command } from '../../hosts/simulated-host.ts';
import type { TemplateEntry } from '../../hosts/template-entry.ts';
import { IMAGES } from '../../images/table.ts';
import { labKey } from '../../images/signatures.ts';
import { lastOption, type OptionTable, optionTable, parseLine } from '../../daemons/command-line.ts';
import type { Tool, ToolContext } from '../tool.ts';
import { type CosignCall, Fatal, ignoresLog, NO_LOG, pem, publicKeyIn } from './cosign-call.ts';
import { generateKeyPair, showPublicKey, signBlob, verifyBlob } from './key-commands.ts';
import { findSigned, type SignedImage, type Trust, verifyImage } from './verify.ts';
import { COSIGN_HELP } from './help.ts';
import { withHelp } from '../help.ts';

const VERSION = 'v2.6.1';

/** The shop's public key, which its images are verified with. */
const RELEASE_KEY = '/etc/cosign/release.pub';

const VERBS: Readonly<
  Record<string, { readonly table: OptionTable; readonly run: (cosign: CosignCall) => Promise<void> }>
> = {
  verify: {
    table: optionTable(
      '--key=',
      '--certificate-identity=',
      '--certificate-identity-regexp=',
      '--certificate-oidc-issuer=',
      '--certificate-oidc-issuer-regexp=',
      '--insecure-ignore-tlog[=]',
      '--private-infrastructure[=]',
      '--check-claims[=]',
      '-o --output=',
    ),
    run: verifyImages,
  },
  triangulate: { table: {}, run: triangulate },
  'generate-key-pair': { table: optionTable('--output-key-prefix='), run: generateKeyPair },
  'public-key': { table: optionTable('--key=', '--outfile='), run: showPublicKey },
  'sign-blob': {
    table: optionTable('--key=', '--output-signature=', '--output=', '--tlog-upload[=]', '-y --yes', '--b64[=]'),
    run: signBlob,
  },
  'verify-blob': {
    table: optionTable('--key=', '--signature=', '--insecure-ignore-tlog[=]', '--private-infrastructure[=]'),
    run: verifyBlob,
  },
};

/** `cosign`: signatures of the image table, checked for real where a key made them, and of files (github.com/sigstore/cosign). */
export const cosign =
  ({ host, clock }: Pick<ToolContext, 'host' | 'clock'>): Command =>
  async (call) => {
    const [name = '', ...args] = call.args;
    if (name === 'version' || name === '--version') {
      await call.stdout(
        `GitVersion:    ${VERSION}\nModel:         Breachlab's, over the signatures of this lab's images\n`,
      );
      return 0;
    }
    try {
      const verb = VERBS[name];
      if (verb === undefined)
        throw new Fatal(`not simulated: cosign ${name}; there are ${Object.keys(VERBS).join(', ')}`);
      const line = parseLine(args, verb.table);
      if (line.outcome === 'wrong')
        throw new Fatal(`not simulated: cosign ${name} ${line.argument} (${line.complaint})`);
      await verb.run({ host, clock, call, options: line.options, words: line.words });
      return 0;
    } catch (error) {
      if (!(error instanceof Fatal)) throw error;
      const { message, code } = error;
      await call.stderr(
        message.startsWith('not simulated: ')
          ? `${message}\n`
          : `Error: ${message}\nmain.go:69: error during command execution: ${message}\n`,
      );
      return code;
    }
  };

function signedImage(reference: string): SignedImage {
  const image = findSigned(IMAGES, reference);
  if (image === undefined) throw new Fatal('image tag not found: entity not found in registry', 11);
  return image;
}

async function verifyImages(cosign: CosignCall): Promise<void> {
  const { call, options, words } = cosign;
  if (words.length === 0) throw new Fatal('requires at least 1 arg(s), only received 0');
  const output = lastOption(options, 'output') ?? 'json';
  if (output !== 'json' && output !== 'text') throw new Fatal(`invalid output type: ${output}`);
  const trust = await trustOf(cosign);
  for (const reference of words) {
    const image = signedImage(reference);
    const result = verifyImage(image, trust);
    if (result.outcome === 'failed') throw new Fatal(result.message, result.code);
    if (trust.kind === 'identity')
      await call.stderr(
        'not simulated: certificates and the transparency log; who signed is as the image table says\n',
      );
    else if (!ignoresLog(options)) await call.stderr(NO_LOG);
    const how = trust.kind === 'key' ? '\n  - The signatures were verified against the specified public key' : '';
    await call.stderr(
      `\nVerification for ${image.name}${reference.includes('@') ? '@' : ':'}${reference.includes('@') ? image.digest : image.tag} --\n` +
        `The following checks were performed on each of these signatures:\n  - The cosign claims were validated${how}\n`,
    );
    await call.stdout(
      output === 'json' ? `\n[${result.payloads.join(',')}]\n` : result.payloads.map((one) => `${one}\n`).join(''),
    );
  }
}

async function trustOf(cosign: CosignCall): Promise<Trust> {
  const { options } = cosign;
  const file = lastOption(options, 'key');
  if (file !== undefined) return { kind: 'key', key: await publicKeyIn(cosign, file) };
  const expected = (what: string, name: string): ((text: string) => boolean) => {
    const exact = lastOption(options, name);
    const regexp = lastOption(options, `${name}-regexp`);
    if (exact !== undefined) return (text) => text === exact;
    if (regexp === undefined)
      throw new Fatal(`--${name} or --${name}-regexp is required for verification in keyless mode`);
    try {
      const compiled = RE2JS.compile(regexp);
      return (text) => compiled.matcher(text).find();
    } catch {
      throw new Fatal(`malformed ${what} in expected identities: error parsing regexp: ${regexp}`);
    }
  };
  return {
    kind: 'identity',
    subject: expected('subject', 'certificate-identity'),
    issuer: expected('issuer', 'certificate-oidc-issuer'),
  };
}

async function triangulate({ call, words }: CosignCall): Promise<void> {
  const [reference] = words;
  if (reference === undefined) throw new Fatal('accepts 1 arg(s), received 0');
  const { name, digest } = signedImage(reference);
  await call.stdout(`${name}:${digest.replace(':', '-')}.sig\n`);
}

const FILES: readonly TemplateEntry[] = [
  { kind: 'folder', path: '/etc/cosign', mode: 0o755, data: '' },
  { kind: 'file', path: RELEASE_KEY, mode: 0o644, data: pem(labKey('release').publicKey) },
];

export const COSIGN: Tool = {
  name: 'cosign',
  on: ['workstation', 'controlplane'],
  files: FILES,
  command: (context) => withHelp('cosign', COSIGN_HELP, cosign(context)),
};
