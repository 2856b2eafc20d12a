using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MotionGateway.OggOpus.Native;

/// <summary>The calls into libopus; the numbers are those of its public headers.</summary>
internal static partial class OpusNative
{
    public const string ProbedExport = "opus_encoder_create";

    private const string Library = "opus";
    private const int SetBitrateRequest = 4002;
    private const int SetComplexityRequest = 4010;
    private const int GetLookaheadRequest = 4027;
    private const int SetGainRequest = 4034;

    static OpusNative() => NativeLibrary.SetDllImportResolver(
        typeof(OpusNative).Assembly, (name, _, _) => name == Library ? OpusLibraryLoader.Default.Handle : 0);

    public static string Version => Marshal.PtrToStringUTF8(GetVersionString()) ?? "libopus";

    public static int SetBitrate(OpusEncoderHandle encoder, int bitsPerSecond) =>
        ControlEncoder(encoder, SetBitrateRequest, bitsPerSecond, 0, 0, 0, 0, 0, bitsPerSecond);

    public static int SetComplexity(OpusEncoderHandle encoder, int complexity) =>
        ControlEncoder(encoder, SetComplexityRequest, complexity, 0, 0, 0, 0, 0, complexity);

    public static unsafe int GetLookahead(OpusEncoderHandle encoder, out int samples)
    {
        int value = 0;
        int result = ControlEncoder(encoder, GetLookaheadRequest, (nint)(&value), 0, 0, 0, 0, 0, (nint)(&value));
        samples = value;
        return result;
    }

    public static int SetGain(OpusDecoderHandle decoder, int q8Decibels) =>
        ControlDecoder(decoder, SetGainRequest, q8Decibels, 0, 0, 0, 0, 0, q8Decibels);

    /// <exception cref="OggOpusException">The code is negative: an error.</exception>
    public static int Check(int result, string what)
    {
        if (result >= 0)
        {
            return result;
        }

        var reason = Marshal.PtrToStringUTF8(ErrorText(result));
        throw new OggOpusException(OggOpusError.CodecFailure, $"libopus failed to {what}: {reason} ({result}).");
    }

    [LibraryImport(Library, EntryPoint = "opus_get_version_string")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial nint GetVersionString();

    [LibraryImport(Library, EntryPoint = "opus_strerror")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial nint ErrorText(int error);

    [LibraryImport(Library, EntryPoint = ProbedExport)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial OpusEncoderHandle CreateEncoder(int sampleRate, int channels, int application, out int error);

    [LibraryImport(Library, EntryPoint = "opus_encoder_destroy")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void DestroyEncoder(nint encoder);

    [LibraryImport(Library, EntryPoint = "opus_encode")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int Encode(OpusEncoderHandle encoder, ReadOnlySpan<short> pcm, int samples, Span<byte> packet, int maxBytes);

    [LibraryImport(Library, EntryPoint = "opus_decoder_create")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial OpusDecoderHandle CreateDecoder(int sampleRate, int channels, out int error);

    [LibraryImport(Library, EntryPoint = "opus_decoder_destroy")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void DestroyDecoder(nint decoder);

    [LibraryImport(Library, EntryPoint = "opus_decode")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int Decode(
        OpusDecoderHandle decoder, ReadOnlySpan<byte> packet, int bytes, Span<short> pcm, int maxSamples, int decodeFec);

    // Variadic in C: the argument after the request is read from where the platform puts variable arguments. On Apple's arm64
    // that is the stack, which a call with fixed arguments reaches with the ninth (eight go into registers); everywhere else
    // it is the place of a third fixed argument. Passing it in both places is right on each, and the callee sees no others.
    [LibraryImport(Library, EntryPoint = "opus_encoder_ctl")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int ControlEncoder(
        OpusEncoderHandle encoder, int request, nint value, nint pad3, nint pad4, nint pad5, nint pad6, nint pad7, nint valueOnStack);

    [LibraryImport(Library, EntryPoint = "opus_decoder_ctl")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int ControlDecoder(
        OpusDecoderHandle decoder, int request, nint value, nint pad3, nint pad4, nint pad5, nint pad6, nint pad7, nint valueOnStack);
}
