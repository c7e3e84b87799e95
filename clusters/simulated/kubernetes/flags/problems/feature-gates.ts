/**
 * What is wrong with `--feature-gates`' pairs, by shape: `component:name=value`, where the component `kube` may be left out
 * (component-base/compatibility/registry.go Set, featuregate/feature_gate.go SetFromMap). The first problem is the one that is told.
 */
export function featureGateProblem(pairs: readonly string[]): string | undefined {
  for (const pair of pairs) {
    const colon = pair.indexOf(':');
    const component = colon < 0 ? 'kube' : pair.slice(0, colon).trim();
    if (component !== 'kube') return `component not registered: ${component}`;
    const text = pair.slice(colon + 1);
    const equals = text.indexOf('=');
    const name = (equals < 0 ? text : text.slice(0, equals)).trim();
    if (equals < 0) return `missing bool value for ${name}`;
    const value = text.slice(equals + 1).trim();
    if (!/^(1|t|T|true|TRUE|True|0|f|F|false|FALSE|False)$/.test(value)) {
      return `invalid value of ${name}=${value}, err: strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`;
    }
  }
  return undefined;
}
