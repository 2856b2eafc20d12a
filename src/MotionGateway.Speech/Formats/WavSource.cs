using System.Buffers.Binary;

namespace MotionGateway.Speech.Formats;

/// <summary>
/// Samples of WAV files cut anywhere, one after the other, all of one form. A data chunk without a length, or with one that is not
/// reached, goes on to the end; chunks before and behind it are skipped.
/// </summary>
/// <param name="declared">What rate and channels the headers must agree with, 0 for any.</param>
internal sealed class WavSource(SpeechFormat declared) : ISpeechSource
{
    private const int RiffLength = 12;
    private const int ChunkLength = 8;

    private readonly byte[] _part = new byte[WavHeader.MaxLength];
    private Phase _phase;
    private WavHeader? _header;
    private SampleReader? _reader;
    private int _partLength;
    private int _formatLength;
    private long _left;
    private bool _isPadded;
    private bool _hasFormat;
    private bool _hasData;
    private int _dropped;

    private enum Phase
    {
        /// <summary>Before the turn's first header.</summary>
        Start,
        Riff,
        ChunkHeader,
        Format,
        Skipped,
        Data,

        /// <summary>Behind the data, where no chunk begins: nothing is known of what follows.</summary>
        Unknown,
    }

    public int SampleRate => _header?.SampleRate ?? 0;

    public int HeldLength => _partLength + (_reader?.CutLength ?? 0);

    public void BeginFile(ReadOnlySpan<byte> bytes, SampleBuffer mono)
    {
        _dropped += DropParts();
        ExpectFile();
        Take(bytes, mono);
    }

    public void Take(ReadOnlySpan<byte> bytes, SampleBuffer mono)
    {
        while (!bytes.IsEmpty)
        {
            switch (_phase)
            {
                case Phase.Start:
                    throw new SpeechFormatException(
                        SpeechFault.WrongEncoding, "no WAV header", "Where the bytes are bare samples, set the encoding to theirs and name the sample rate.");
                case Phase.Data:
                    _reader!.Read(Pass(ref bytes), mono);
                    _dropped += _phase == Phase.Data ? 0 : _reader.DropCut();
                    break;
                case Phase.Skipped:
                    Pass(ref bytes);
                    break;
                case Phase.Unknown:
                    _dropped += bytes.Length;
                    return;
                default:
                    Collect(ref bytes);
                    break;
            }
        }
    }

    // A file that breaks off before its audio is no speech; one that breaks off later is taken as far as it goes.
    public int Complete(SampleBuffer mono) => _phase == Phase.Start || _hasData ? _dropped + DropParts() : throw Malformed("a WAV header without its data");

    public void Dispose()
    {
    }

    private static SpeechFormatException Malformed(string found) =>
        new(SpeechFault.Malformed, found, "Send the whole file, header and samples.");

    private void ExpectFile() => (_phase, _hasFormat, _hasData) = (Phase.Riff, false, false);

    private int DropParts()
    {
        int dropped = _partLength + (_reader?.DropCut() ?? 0);
        _partLength = 0;
        return dropped;
    }

    private void Collect(ref ReadOnlySpan<byte> bytes)
    {
        int length = _phase switch { Phase.Riff => RiffLength, Phase.Format => _formatLength, _ => ChunkLength };
        int taken = Math.Min(length - _partLength, bytes.Length);
        bytes[..taken].CopyTo(_part.AsSpan(_partLength));
        _partLength += taken;
        bytes = bytes[taken..];
        if (_partLength < length)
        {
            return;
        }

        _partLength = 0;
        switch (_phase)
        {
            case Phase.Riff:
                _phase = _part.AsSpan(ChunkLength).StartsWith("WAVE"u8) ? Phase.ChunkHeader : throw Malformed("a RIFF file that is no WAV file");
                break;
            case Phase.Format:
                TakeFormat(WavHeader.Parse(_part.AsSpan(0, length)));
                Skip(_left);
                break;
            default:
                BeginChunk(_part, BinaryPrimitives.ReadUInt32LittleEndian(_part.AsSpan(sizeof(uint))));
                break;
        }
    }

    private void BeginChunk(ReadOnlySpan<byte> name, uint size)
    {
        if (name.StartsWith("data"u8))
        {
            _hasData = _hasFormat ? true : throw Malformed("a WAV header whose data come before its format");

            // Who writes while it is spoken does not know the length.
            (_phase, _left) = (Phase.Data, size == 0 ? long.MaxValue : size);
            _isPadded = size % 2 == 1;
        }
        else if (name.StartsWith("fmt "u8))
        {
            _formatLength = (int)Math.Min(size, WavHeader.MaxLength);
            _left = Padded(size) - _formatLength;
            _phase = _formatLength >= WavHeader.MinLength ? Phase.Format : throw Malformed($"a WAV header with a format of {size} bytes");
        }
        else if (name.StartsWith("RIFF"u8))
        {
            ExpectFile();
            _partLength = ChunkLength;
        }
        else if (!name[..sizeof(uint)].ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            Skip(Padded(size));
        }
        else
        {
            _dropped += _hasData ? ChunkLength : throw Malformed("a WAV header with a broken chunk");
            _phase = Phase.Unknown;
        }
    }

    private void TakeFormat(WavHeader header)
    {
        Check("sample_rate", "Hz", header.SampleRate, declared.SampleRate);
        Check("channels", "channels", header.Channels, declared.Channels);
        if (_header is { } before && before != header)
        {
            throw new SpeechFormatException(
                SpeechFault.Mismatch,
                $"a second WAV header of another form: {Describe(header)} after {Describe(before)}", "Send one form within a turn.");
        }

        _header = header;
        _reader ??= new(header.Form, header.Channels);
        _hasFormat = true;
    }

    private static void Check(string field, string unit, int found, int said)
    {
        if (said != 0 && said != found)
        {
            throw new SpeechFormatException(
                SpeechFault.Mismatch, $"a WAV header of {found} {unit} where {field} says {said}", $"Leave {field} out, or set it to {found}.");
        }
    }

    private static string Describe(WavHeader header) => $"{header.Form}, {header.SampleRate} Hz, {header.Channels} channels";

    // A chunk of odd length is followed by one more byte.
    private static long Padded(uint size) => size + (size & 1L);

    private void Skip(long length) => (_phase, _left) = (length > 0 ? Phase.Skipped : Phase.ChunkHeader, length);

    private ReadOnlySpan<byte> Pass(ref ReadOnlySpan<byte> bytes)
    {
        int taken = (int)Math.Min(_left, bytes.Length);
        var passed = bytes[..taken];
        bytes = bytes[taken..];
        _left -= taken;
        if (_left == 0)
        {
            Skip(_isPadded ? 1 : 0);
            _isPadded = false;
        }

        return passed;
    }
}
