import { useEffect, useRef } from 'react';
import './ambient.css';

/** Of the copy, in pixels: stretched, it is as soft as a blur, which would be computed anew with each frame above it. */
const [WIDTH, HEIGHT] = [16, 10];

/** A soft, dark copy of a picture, behind the picture itself. @param address null for none yet */
export function Ambient({ address }: { address: string | null }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (address === null) return;
    const picture = new Image();
    picture.addEventListener('load', () => canvas.current?.getContext('2d')?.drawImage(picture, 0, 0, WIDTH, HEIGHT));
    picture.src = address;
    return () => {
      picture.src = '';
    };
  }, [address]);
  return <canvas ref={canvas} className="ambient" width={WIDTH} height={HEIGHT} aria-hidden="true" />;
}
