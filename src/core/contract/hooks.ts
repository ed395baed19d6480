/** Hooks only observe: they run in parallel after the commit, and a failing one is logged with plugin and hook name. */
export interface HookEvents {
  readonly taskTransitioned: { readonly taskId: string; readonly from: string; readonly to: string };
  readonly submissionSealed: { readonly taskId: string; readonly submissionId: string };
  readonly evaluationFinished: {
    readonly taskId: string;
    readonly submissionId: string | null;
    readonly status: string;
  };
  readonly taskScored: { readonly taskId: string };
}

export type Hooks = {
  readonly [Name in keyof HookEvents]?: (
    event: HookEvents[Name],
    context: { readonly signal: AbortSignal },
  ) => void | Promise<void>;
};
