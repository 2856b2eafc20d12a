// Speaks a WAV file and prints what comes back. Usage: speak GATEWAY WAV AVATAR
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"

	pb "example.com/speak/gen/motiongateway/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
)

func speak(stream pb.SpeechService_SpeakClient, wav io.Reader, avatar string) {
	open := &pb.OpenSession{AvatarId: avatar, AudioFormat: &pb.AudioFormat{Encoding: pb.AudioEncoding_AUDIO_ENCODING_WAV}}
	stream.Send(&pb.SpeakRequest{Request: &pb.SpeakRequest_Open{Open: open}})
	buffer := make([]byte, 32*1024)
	for n, err := wav.Read(buffer); err == nil; n, err = wav.Read(buffer) {
		// Send waits for HTTP/2 flow control. Where it fails, Recv tells why.
		stream.Send(&pb.SpeakRequest{Request: &pb.SpeakRequest_Audio{Audio: &pb.AudioChunk{TurnId: "hello", Data: buffer[:n]}}})
	}
	stream.Send(&pb.SpeakRequest{Request: &pb.SpeakRequest_EndTurn{EndTurn: &pb.EndTurn{TurnId: "hello"}}})
	stream.CloseSend() // No more speech comes: the session is closed when all of it has been heard.
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	start, ctx, names := time.Now(), context.Background(), strings.NewReplacer("*motiongatewayv1.", "", " <nil>", "")
	if key := os.Getenv("MOTIONGATEWAY_API_KEY"); key != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+key)
	}
	scheme, target, _ := strings.Cut(os.Args[1], "://")
	transport := map[string]grpc.DialOption{"http": grpc.WithInsecure(), "https": grpc.WithTransportCredentials(credentials.NewTLS(nil))}[scheme]
	stream := must(pb.NewSpeechServiceClient(must(grpc.Dial(target, transport))).Speak(ctx))
	go speak(stream, must(os.Open(os.Args[2])), os.Args[3])
	for response, err := stream.Recv(); err != io.EOF; response, err = stream.Recv() {
		text := names.Replace(fmt.Sprintf("%T %T", must(response, err).Response, response.GetPayload().GetContent()))
		switch content := response.GetPayload().GetContent().(type) {
		case *pb.Payload_Audio:
			text = fmt.Sprintf("audio  sample %d +%d", content.Audio.FirstSample, content.Audio.SampleCount)
		case *pb.Payload_Motion:
			text = fmt.Sprintf("motion  keyframe %d +%d", content.Motion.FirstKeyframe, content.Motion.KeyframeCount)
		case *pb.Payload_TurnEnded:
			text = fmt.Sprintf("turn_ended  %s, %d samples heard", content.TurnEnded.Outcome, content.TurnEnded.PlayedSamples)
		}
		fmt.Printf("%8.3f s  %s  %s\n", time.Since(start).Seconds(), text, response.GetRefused().GetMessage())
	}
}
