/** A template that cannot be read or filled in, in the words of Go's text/template. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}
