/** What an account's webhook is told, once for each run of a video. */
export interface WebhookEvent {
  /** `evt_…`: the same for every try, so that receivers can tell a repetition. */
  id: string;
  type: 'video.completed' | 'video.failed';
  videoId: string;
  accountId: string;
  /** Unix seconds at which the video ended. */
  createdAt: number;
}

/** What became of a message. */
export interface WebhookDelivery {
  /** HTTP status of the receiver's answer; null where the account has no webhook any more, or it wants no more messages. */
  status: number | null;
}
