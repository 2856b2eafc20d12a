using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Motion;

/// <summary>Turns the sound of consecutive keyframes into a face. A keyframe depends on nothing but the sound up to it.</summary>
internal sealed class FaceAnimator
{
    private const int ExpressionCount = 100;
    private const float JawOpenRadians = 0.16f;

    // Shares of the way to the target covered in one keyframe: a mouth opens faster than it falls shut.
    private const float Attack = 0.65f;
    private const float Release = 0.35f;
    private const float ShapeRate = 0.5f;

    // FLAME's expression space is statistical and has no coefficient "lips": these are this server's choice of the strongest ones.
    private const int OpenCoefficient = 0;
    private const int SpreadCoefficient = 1;
    private const int RoundCoefficient = 2;
    private const int HissCoefficient = 3;
    private const int BrowCoefficient = 4;

    private long _keyframe;
    private float _jaw;
    private float _round;
    private float _spread;
    private float _hiss;
    private float _emphasis;

    public Flame Next(in SpeechFeatures features)
    {
        float jawTarget = features.Loudness * (0.6f + (0.4f * features.Openness)) * (1 - (0.6f * features.Hiss));
        _jaw = Approach(_jaw, jawTarget, jawTarget > _jaw ? Attack : Release);
        _round = Approach(_round, features.Loudness * features.Rounding, ShapeRate);
        _spread = Approach(_spread, features.Loudness * features.Spreading, ShapeRate);
        _hiss = Approach(_hiss, features.Loudness * features.Hiss, ShapeRate);
        _emphasis = Approach(_emphasis, features.Loudness, 0.08f);
        return Pose(_keyframe++);
    }

    private Flame Pose(long keyframe)
    {
        float lids = IdleMovement.Lids(keyframe);
        (float gazePitch, float gazeYaw) = IdleMovement.Gaze(keyframe);
        (float swayPitch, float swayYaw, float swayRoll) = IdleMovement.Sway(keyframe);

        var expression = new float[ExpressionCount];
        expression[OpenCoefficient] = 1.2f * _jaw;
        expression[SpreadCoefficient] = 1.0f * _spread;
        expression[RoundCoefficient] = 1.2f * _round;
        expression[HissCoefficient] = 0.8f * _hiss;
        expression[BrowCoefficient] = 0.5f * _emphasis;

        return new Flame
        {
            Translation = { 0f, 0f, 0f },
            Rotation = { 0f, 0f, 0f },
            NeckPose = { swayPitch + (0.03f * _emphasis), swayYaw, swayRoll },
            JawPose = { JawOpenRadians * _jaw, 0f, 0f },
            EyePose = { gazePitch, gazeYaw, 0f, gazePitch, gazeYaw, 0f },
            EyeLid = { lids, lids },
            Expression = { expression },
        };
    }

    private static float Approach(float current, float target, float rate) => current + ((target - current) * rate);
}
