using MotionGateway.LocalMotion.Egress;
using MotionGateway.LocalMotion.Ingress;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.OggOpus;

namespace MotionGateway.LocalMotion.Audio;

/// <summary>Takes a connection's audio in its configured format, and hands it on as PCM: to the work on motion and to the playback.</summary>
internal sealed class AudioIntake(SessionConfiguration configuration, RequestPipeline pipeline, EgressSession? egress, LocalMotionServerOptions options) : IDisposable
{
    private readonly Dictionary<string, OpusStream> _streams = new(StringComparer.Ordinal);
    private readonly bool _decodes = Decodes(options);

    /// <summary>What was wrong with the audio that was found <see cref="AudioOutcome.Malformed"/> last.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>Whether Ogg Opus becomes sound here.</summary>
    public static bool Decodes(LocalMotionServerOptions options) => options.DecodeOpus;

    /// <summary>Where pause and resume go; null when they are not available.</summary>
    public EgressSession? Controls => egress is { IsControllable: true } ? egress : null;

    public async Task<AudioOutcome> TakeAsync(ClientAudioInput audio)
    {
        (AudioOutcome outcome, int pcmBytes) = configuration.IsOpus ? TakeOpus(audio) : TakePcm(audio);
        if (egress is not null && outcome is AudioOutcome.Taken or AudioOutcome.Malformed)
        {
            // What was heard before the malformed part is all that there will be.
            await egress.AudioAsync(audio.ReqId, audio.Audio.Length, pcmBytes, audio.End || outcome == AudioOutcome.Malformed);
        }

        return outcome;
    }

    /// <summary>Stops a request: the work on it, and its playback.</summary>
    public async Task InterruptAsync(string requestId)
    {
        pipeline.Interrupt(requestId);
        Forget(requestId);
        if (egress is not null)
        {
            await egress.InterruptAsync(requestId);
        }
    }

    public void Dispose()
    {
        foreach (OpusStream stream in _streams.Values)
        {
            stream.Dispose();
        }

        _streams.Clear();
    }

    private (AudioOutcome Outcome, int PcmBytes) TakePcm(ClientAudioInput audio)
    {
        AudioOutcome outcome = pipeline.Accept(audio.ReqId, audio.Audio.Memory, audio.End);
        if (outcome == AudioOutcome.Taken)
        {
            egress?.Keep(audio.ReqId, audio.Audio.Span);
        }

        return (outcome, audio.Audio.Length);
    }

    private (AudioOutcome Outcome, int PcmBytes) TakeOpus(ClientAudioInput audio)
    {
        // Begins the request, so that it can be given up.
        AudioOutcome outcome = pipeline.Accept(audio.ReqId, default, end: false);
        int pcmBytes = 0;
        if (outcome == AudioOutcome.Taken)
        {
            (outcome, pcmBytes) = Read(audio);
        }

        if (outcome != AudioOutcome.Taken || audio.End)
        {
            Forget(audio.ReqId);
        }

        if (!audio.End)
        {
            return (outcome, pcmBytes);
        }

        if (outcome == AudioOutcome.Taken)
        {
            outcome = pipeline.Accept(audio.ReqId, default, end: true);
        }
        else
        {
            pipeline.EndAbandoned(audio.ReqId);
        }

        return (outcome, pcmBytes);
    }

    private (AudioOutcome Outcome, int PcmBytes) Read(ClientAudioInput audio)
    {
        AudioOutcome outcome = AudioOutcome.Taken;
        int pcmBytes = 0;
        try
        {
            foreach (ReadOnlyMemory<byte> pcm in FindOrBegin(audio.ReqId).Read(audio.Audio.Memory))
            {
                outcome = pcm.IsEmpty ? outcome : pipeline.Accept(audio.ReqId, pcm, end: false);
                pcmBytes += pcm.Length;
                if (outcome != AudioOutcome.Taken)
                {
                    break;
                }

                if (_decodes)
                {
                    egress?.Keep(audio.ReqId, pcm.Span);
                }
            }

            if (!_decodes && outcome == AudioOutcome.Taken)
            {
                egress?.Keep(audio.ReqId, audio.Audio.Span);
            }

            return (outcome, pcmBytes);
        }
        catch (OggOpusException failure)
        {
            Problem = $"failed to read Ogg Opus audio: {failure.Message}";
            pipeline.Interrupt(audio.ReqId);
            return (AudioOutcome.Malformed, pcmBytes);
        }
    }

    private OpusStream FindOrBegin(string requestId)
    {
        if (_streams.TryGetValue(requestId, out OpusStream? stream))
        {
            return stream;
        }

        // Those of requests that the playback has given up, and of which nothing more has come.
        foreach (string stale in _streams.Keys.Where(id => !pipeline.IsOpen(id)).ToArray())
        {
            Forget(stale);
        }

        return _streams[requestId] = new OpusStream(configuration.SampleRate, _decodes);
    }

    private void Forget(string requestId)
    {
        if (_streams.Remove(requestId, out OpusStream? stream))
        {
            stream.Dispose();
        }
    }
}
