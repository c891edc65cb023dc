import { Router } from 'express';
import { methodNotAllowed } from '../http/error-handler.ts';
import { checkModel } from '../spec/spec.ts';
import type { Model, LengthPreset } from './schema.ts';
import type { ModelProfile } from '../../contract/model-profile.ts';
import { nearestFrameCount, secondsOf } from '../../contract/shape.ts';

interface ModelDeps {
  profile: ModelProfile;
  /** Unix seconds. */
  modelCreatedAt: number;
  /** Other names under which the model may be asked for. */
  aliases: readonly string[];
  limits: { promptChars: number };
}

/** `/models`: the loaded model, in OpenAI's shape, with what it can be asked for. */
export function modelRoutes({ profile, modelCreatedAt, aliases, limits }: ModelDeps): Router {
  const router = Router();
  const model = modelObject(profile, modelCreatedAt, limits.promptChars);
  router
    .route('/models')
    .get((_req, res) => {
      res.json({ object: 'list', data: [model] });
    })
    .all(methodNotAllowed('GET'));
  router
    .route('/models/:id')
    .get((req, res) => {
      checkModel(req.params.id, profile, aliases);
      res.json(model);
    })
    .all(methodNotAllowed('GET'));
  return router;
}

const modelObject = (profile: ModelProfile, created: number, maxPromptChars: number): Model => ({
  id: profile.id,
  object: 'model',
  created,
  owned_by: 'kinora',
  name: profile.name,
  sizes: profile.sizes,
  size_multiple: profile.sizeMultiple,
  min_width: profile.minWidth,
  min_height: profile.minHeight,
  max_pixels: profile.maxPixels,
  trained_pixels: profile.trainedPixels,
  lengths: lengthPresets(profile),
  default_frames: profile.defaultFrames,
  trained_frames: profile.trainedFrames,
  max_frames: profile.maxFrames,
  default_fps: profile.defaultFps,
  fps_choices: profile.fpsChoices,
  min_fps: profile.minFps,
  max_fps: profile.maxFps,
  default_steps: profile.defaultSteps,
  max_steps: profile.maxSteps,
  default_guidance: profile.defaultGuidance,
  max_prompt_chars: maxPromptChars,
  example_prompts: profile.examplePrompts,
});

/** Lengths to choose from: a quarter and half of what the model was trained on, the default, all of it, the longest. */
export function lengthPresets({ defaultFrames, trainedFrames, maxFrames, defaultFps }: ModelProfile): LengthPreset[] {
  const frames = [
    nearestFrameCount(trainedFrames / 4),
    nearestFrameCount(trainedFrames / 2),
    defaultFrames,
    trainedFrames,
    maxFrames,
  ];
  return [...new Set(frames)]
    .filter((numFrames) => numFrames <= maxFrames)
    .toSorted((a, b) => a - b)
    .map((numFrames) => ({
      num_frames: numFrames,
      fps: defaultFps,
      seconds: secondsOf(numFrames, defaultFps),
      trained: numFrames <= trainedFrames,
    }));
}
