import type { CustomResourceDefinitionSpec } from '../../../model/generated/objects.ts';
import { dns1035LabelErrors } from '../../../model/names.ts';
import { validateClient } from '../admission/webhooks.ts';
import { addTexts, forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';

const STRATEGIES = ['None', 'Webhook'];
const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const CLIENT = 'spec.conversion.webhookClientConfig';
const VERSIONS = 'spec.conversion.conversionReviewVersions';

/** validateCustomResourceConversion; paths are the internal version's, which has no `webhook` in between. */
export function validateConversion(conversion: CustomResourceDefinitionSpec['conversion'], found: Findings): void {
  if (!conversion) return;
  const { strategy, webhook } = conversion;
  const { clientConfig, conversionReviewVersions: versions = [] } = webhook ?? {};
  if (!strategy) found.push(required('spec.conversion.strategy'));
  else if (!STRATEGIES.includes(strategy)) found.push(notSupported('spec.conversion.strategy', strategy, STRATEGIES));
  if (strategy !== 'Webhook') {
    const why = 'should not be set when strategy is not set to Webhook';
    if (clientConfig) found.push(forbidden(CLIENT, why));
    if (versions.length > 0) found.push(forbidden(VERSIONS, why));
    return;
  }
  if (!clientConfig) found.push(required(CLIENT, 'required when strategy is set to Webhook'));
  else validateClient(clientConfig, CLIENT, found);
  if (versions.length === 0) return void found.push(required(VERSIONS));
  for (const [i, version] of versions.entries()) {
    if (versions.indexOf(version) < i) found.push(invalid(`${VERSIONS}[${i}]`, version, 'duplicate version'));
    else addTexts(found, `${VERSIONS}[${i}]`, version, dns1035LabelErrors(version));
  }
  if (!versions.some((version) => REVIEW_VERSIONS.includes(version))) {
    found.push(invalid(VERSIONS, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`));
  }
}
