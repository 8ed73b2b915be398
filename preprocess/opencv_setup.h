#pragma once

namespace millrace {

// To be called before OpenCV is used: it makes no threads (they would compete with oneTBB's), and neither it
// nor the libraries that it reads films with print anything; what is wrong is said by who reads.
void set_up_opencv();

}  // namespace millrace
