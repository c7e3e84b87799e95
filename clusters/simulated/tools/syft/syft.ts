import type { Command, CommandCall } from '../../hosts/simulated-host.ts';
import { findContents, knownReferences } from '../../images/contents/find-contents.ts';
import { parseReference, tableName } from '../../images/image.ts';
import { IMAGES } from '../../images/table.ts';
import { optionTable, parseLine } from '../../daemons/command-line.ts';
import { textTable } from '../../daemons/text-table.ts';
import { writeDocument } from '../host-documents.ts';
import { type Bill, type BillTool, type Component, componentsOf } from '../sbom/bill.ts';
import { cycloneDx } from '../sbom/cyclonedx.ts';
import { spdxJson, spdxOf, spdxTagValue } from '../sbom/spdx.ts';
import type { Tool, ToolContext } from '../tool.ts';
import { SYFT_HELP } from './help.ts';
import { withHelp } from '../help.ts';

const VERSION = '1.36.0';

const SYFT: BillTool = {
  vendor: 'anchore',
  organization: 'Anchore, Inc',
  name: 'syft',
  version: VERSION,
  namespace: (artifact) => `https://anchore.com/syft/image/${artifact}-`,
};

const OPTIONS = optionTable('-o --output=', '-q --quiet', '-v --verbose', '-s --scope=', '--platform=', '--from=');

const TYPES: Readonly<Record<Component['kind'], string>> = { alpine: 'apk', debian: 'deb', gobinary: 'go-module' };

/** Formats by their names, with syft's shorter ones (syft/format). */
const FORMATS: Readonly<Record<string, (bill: Bill) => string>> = {
  'syft-table': table,
  'syft-json': json,
  'spdx-json': (bill) => spdxJson(spdxOf(bill)),
  'spdx-tag-value': (bill) => spdxTagValue(spdxOf(bill)),
  'cyclonedx-json': (bill) => cycloneDx(bill),
};
const ALIASES: Readonly<Record<string, string>> = {
  table: 'syft-table',
  json: 'syft-json',
  spdx: 'spdx-tag-value',
  cyclonedx: 'cyclonedx-json',
};

/** `syft IMAGE`: what is in an image of the lab's registries (github.com/anchore/syft). */
export const syft =
  ({ host, clock }: Pick<ToolContext, 'host' | 'clock'>): Command =>
  async (call) => {
    const [first = '', ...rest] = call.args;
    if (first === 'version' || first === '--version') {
      await call.stdout(`syft ${VERSION} (Breachlab's model, over the images of this lab)\n`);
      return 0;
    }
    const line = parseLine(first === 'scan' || first === 'packages' ? rest : call.args, OPTIONS);
    if (line.outcome === 'wrong') return refuse(call, `not simulated: syft ${line.argument} (${line.complaint})`);
    const [target, ...others] = line.words;
    if (target === undefined || others.length > 0)
      return refuse(call, 'an image/directory argument is required', 'ERROR ');
    if (/^(dir|file|docker-archive|oci-archive|oci-dir|sbom):/.test(target) || /^[./]/.test(target))
      return refuse(call, `not simulated: syft ${target}; there are images by reference`);
    const reference = target.replace(/^(docker|podman|containerd|registry):/, '');
    const parsed = parseReference(reference);
    const found = findContents(IMAGES, reference);
    if (parsed === undefined || found.outcome === 'absent')
      return refuse(
        call,
        `could not determine source: errors occurred attempting to resolve '${reference}':\n  - docker: docker not available: failed to connect to Docker daemon\n  - oci-registry: MANIFEST_UNKNOWN: manifest unknown`,
        'ERROR ',
      );
    if (found.outcome === 'unknown')
      return refuse(
        call,
        `not simulated: the packages of ${reference}; known are those of ${knownReferences(IMAGES).join(', ')}`,
      );
    const bill: Bill = {
      name: reference,
      repository: tableName(parsed),
      digest: found.digest,
      contents: found.contents,
      tool: SYFT,
      created: new Date(clock.now()),
    };
    for (const wanted of line.options.get('output') ?? ['table']) {
      const [name = '', file] = wanted.split('=', 2);
      const write = FORMATS[ALIASES[name] ?? name];
      if (write === undefined)
        return refuse(call, `not simulated: syft --output ${name}; there are ${Object.keys(FORMATS).join(', ')}`);
      if (file === undefined) await call.stdout(write(bill));
      else {
        const complaint = await writeDocument(host, call.cwd, file, write(bill));
        if (complaint !== undefined) return refuse(call, `unable to write SBOM: ${complaint}`, 'ERROR ');
      }
    }
    return 0;
  };

async function refuse(call: CommandCall, text: string, prefix = ''): Promise<number> {
  await call.stderr(`${prefix}${text}\n`);
  return 1;
}

function table({ contents }: Bill): string {
  const components = componentsOf(contents).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  if (components.length === 0) return 'No packages discovered\n';
  return textTable(
    [['NAME', 'VERSION', 'TYPE'], ...components.map((one) => [one.name, one.version, TYPES[one.kind]])],
    2,
  );
}

/** Syft's own JSON, without its relationships and files. */
function json({ name, digest, contents }: Bill): string {
  const { os } = contents;
  const document = {
    artifacts: componentsOf(contents).map((one) => ({
      name: one.name,
      version: one.version,
      type: TYPES[one.kind],
      locations: one.path === undefined ? [] : [{ path: `/${one.path}` }],
      licenses: [{ value: one.licence, spdxExpression: one.licence, type: 'declared' }],
      purl: one.purl,
    })),
    source: { name, type: 'image', metadata: { userInput: name, manifestDigest: digest, tags: [name] } },
    distro: os === undefined ? {} : { id: os.family, versionID: os.version },
    descriptor: { name: 'syft', version: VERSION },
    schema: {
      version: '16.0.42',
      url: 'https://raw.githubusercontent.com/anchore/syft/main/schema/json/schema-16.0.42.json',
    },
  };
  return `${JSON.stringify(document, undefined, 1)}\n`;
}

export const SYFT_TOOL: Tool = {
  name: 'syft',
  on: ['workstation'],
  command: (context) => withHelp('syft', SYFT_HELP, syft(context)),
};
