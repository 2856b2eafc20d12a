using Microsoft.Win32.SafeHandles;

namespace MotionGateway.OggOpus.Native;

/// <summary>Owns the state of one decoder of libopus. A call with a closed one throws <see cref="ObjectDisposedException"/>.</summary>
internal sealed class OpusDecoderHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        OpusNative.DestroyDecoder(handle);
        return true;
    }
}
