import { readDocument } from '../host-documents.ts';
import { readBill } from '../sbom/read-bill.ts';
import { Fatal, log, type TrivyCall, trivyOptions } from './trivy-call.ts';
import { reportVulnerabilities, VULNERABILITY_OPTIONS } from './vulnerability-report.ts';

export const SBOM_OPTIONS = trivyOptions(...VULNERABILITY_OPTIONS);

/** `trivy sbom`: the same answers as for an image, from its bill of materials. */
export async function scanBill(trivy: TrivyCall): Promise<number> {
  const [file, ...others] = trivy.words;
  if (file === undefined || others.length > 0) throw new Fatal(`accepts 1 arg(s), received ${trivy.words.length}`);
  const read = await readDocument(trivy.host, trivy.call.cwd, file);
  if (read.outcome === 'refused')
    throw new Fatal(
      `run error: sbom scan error: scan error: scan failed: failed analysis: sbom file open error: open ${file}: ${read.reason}`,
    );
  const bill = readBill(read.text);
  if (bill === undefined)
    throw new Fatal(
      'run error: sbom scan error: scan error: scan failed: failed analysis: failed to detect SBOM format: unknown',
    );
  await log(trivy, 'INFO', `Detected SBOM format\tformat="${bill.format}"`);
  return reportVulnerabilities(trivy, {
    artifact: file,
    type: bill.format === 'cyclonedx-json' ? 'cyclonedx' : 'spdx',
    image: undefined,
    contents: bill.contents,
  });
}
