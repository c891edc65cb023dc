/** Shows an element on the whole screen, or no longer. @throws TypeError if the browser does not allow it */
export const toggleFullscreen = (element: Element): Promise<void> =>
  document.fullscreenElement === null ? element.requestFullscreen() : document.exitFullscreen();
