import type { ModelProfile } from '../../contract/model-profile.ts';
import { invalid } from '../errors/errors.ts';

/** Names that people use for sizes, landscape. Their portrait twins are asked for as WIDTHxHEIGHT. */
const PRESETS: Record<string, string> = { '480p': '848x480', '720p': '1280x720', '1080p': '1920x1080' };

export interface SizeRequest {
  /** `WxH` or a name such as `720p`. */
  size?: string;
  /** Pixels; together they mean the same as `size`. */
  width?: number;
  height?: number;
}

export interface Size {
  /** Pixels. */
  width: number;
  height: number;
  warnings: string[];
}

/**
 * The size of the video: the profile's first where nothing is asked for.
 *
 * @throws ApiError naming the field, what the model makes, and what would fit
 */
export function resolveSize(request: SizeRequest, profile: ModelProfile): Size {
  const { width, height, param } = asked(request, profile);
  const name = `${width}x${height}`;
  if (!profile.sizes.includes(name)) check(width, height, param, profile);
  const warnings =
    width * height > profile.trainedPixels ? [`larger than the ${trainedSize(profile)} the model was trained on`] : [];
  return { width, height, warnings };
}

function asked({ size, width, height }: SizeRequest, profile: ModelProfile) {
  if (size === undefined && width === undefined && height === undefined) {
    return { ...parse(profile.sizes[0]!), param: 'size' };
  }
  if (size !== undefined) {
    const named = parse(PRESETS[size.toLowerCase()] ?? size.toLowerCase());
    for (const [param, value] of Object.entries({ width, height })) {
      if (value !== undefined && value !== named[param as 'width' | 'height']) {
        throw invalid(param, `${param} ${value} disagrees with size ${size}; give one of them, or the same in both.`);
      }
    }
    return { ...named, param: 'size' };
  }
  if (width === undefined) throw invalid('width', `height is given without width; give both, or size as WIDTHxHEIGHT.`);
  if (height === undefined) throw invalid('height', `width is given without height; give both, or size.`);
  return { width, height, param: '' };
}

/** @param param the field to blame; empty for whichever of width and height is at fault */
function check(width: number, height: number, param: string, profile: ModelProfile): void {
  const { id, sizeMultiple: multiple, minWidth, minHeight, maxPixels } = profile;
  const fits = `It makes ${profile.sizes.join(', ')} and other multiples of ${multiple} from ${minWidth}x${minHeight} up to ${maxPixels} pixels in all.`;
  if (width < minWidth || height < minHeight) {
    throw invalid(
      param || (width < minWidth ? 'width' : 'height'),
      `${width}x${height} is too small for ${id}. ${fits}`,
    );
  }
  if (width * height > maxPixels) {
    throw invalid(param || 'width', `${width}x${height} is ${width * height} pixels, too many for ${id}. ${fits}`);
  }
  if (width % multiple !== 0 || height % multiple !== 0) {
    const near = (value: number, min: number) => Math.max(Math.ceil(min / multiple), Math.round(value / multiple));
    let [w, h] = [near(width, minWidth) * multiple, near(height, minHeight) * multiple];
    // Rounding up must not suggest what is refused in its turn.
    if (w * h > maxPixels) [w, h] = [Math.floor(width / multiple) * multiple, Math.floor(height / multiple) * multiple];
    throw invalid(
      param || (width % multiple !== 0 ? 'width' : 'height'),
      `${width}x${height} is not possible: width and height must be multiples of ${multiple}. The nearest is ${w}x${h}. ${fits}`,
    );
  }
}

function parse(size: string): { width: number; height: number } {
  const [width = 0, height = 0] = size.split('x').map(Number);
  return { width, height };
}

/** As a size where a preset has exactly that many pixels. */
function trainedSize({ sizes, trainedPixels }: ModelProfile): string {
  const size = sizes.find((name) => parse(name).width * parse(name).height === trainedPixels);
  return size === undefined ? `${trainedPixels} pixels` : `${size} pixels`;
}
