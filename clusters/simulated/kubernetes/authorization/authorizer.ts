import type { UserInfo } from '../authentication/user.ts';

/** What is asked (apiserver/pkg/authorization/authorizer/interfaces.go Attributes). Empty strings where a part is absent. */
export type Attributes =
  | {
      readonly user: UserInfo;
      readonly verb: string;
      readonly isResource: true;
      readonly group: string;
      readonly version: string;
      readonly resource: string;
      readonly subresource: string;
      readonly namespace: string;
      readonly name: string;
      /** As the request's query has it; the Node authorizer reads it. */
      readonly fieldSelector?: string;
    }
  | { readonly user: UserInfo; readonly verb: string; readonly isResource: false; readonly path: string };

export interface Decision {
  readonly decision: 'allow' | 'deny' | 'no opinion';
  readonly reason: string;
}

export interface Authorizer {
  authorize(attributes: Attributes): Decision | Promise<Decision>;
}
