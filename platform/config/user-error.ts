/** An error that the user can put right: its message says how, and is shown without a stack. */
export class UserError extends Error {}
