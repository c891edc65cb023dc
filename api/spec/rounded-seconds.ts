/** As people say it, so that it does not change with every look: whole seconds, 5 s from a minute on, 30 s from ten. */
export function roundedS(seconds: number): number {
  const unit = seconds < 60 ? 1 : seconds < 600 ? 5 : 30;
  return Math.ceil(seconds / unit) * unit;
}
